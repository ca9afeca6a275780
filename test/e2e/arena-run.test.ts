import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { platform } from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { factKinds } from '../../src/arena/checks/facts.ts';
import { createEntryContext } from '../../src/engines/index.ts';
import { sandboxes } from '../../src/sandbox/index.ts';
import { tempDir } from './run-bench.ts';
import { spawnCli } from './spawn-cli.ts';

const corpus = fileURLToPath(new URL('../corpus/', import.meta.url));
const toyFiles = ['main.mjs', 'server.mjs', 'model.mjs', 'facts.json'];
/** What the toy knows. */
const facts = JSON.stringify(Object.fromEntries(factKinds.flatMap((kind) => kind.facts)));

/** The corpus's scenario: a toy model, whose reference is the toy, one request at a time. */
function placeScenario(root: string): { scenario: string; model: string } {
  const scenario = join(root, 'scenario', 'decode');
  mkdirSync(join(root, 'scenario'), { recursive: true });
  cpSync(join(corpus, 'scenario', 'decode'), scenario, { recursive: true });
  cpSync(join(corpus, 'toy'), join(scenario, 'reference'), { recursive: true });
  writeFileSync(join(scenario, 'reference', 'facts.json'), facts);
  const model = join(root, 'toy.model');
  writeFileSync(model, 'a toy model\n');
  return { scenario, model };
}

/** An agent that carries the toy with it: in a sandbox it sees nothing else. */
function placeAgent(root: string, after: string): string {
  const read = (name: string) =>
    name === 'facts.json'
      ? facts
      : readFileSync(
          join(corpus, name === 'main.mjs' ? 'honest/plain.mjs' : `toy/${name}`),
          'utf8',
        );
  const path = join(root, 'agent.sh');
  const files = toyFiles.map(
    (name) => `cat >${name} <<'END_OF_FILE'\n${read(name)}\nEND_OF_FILE\n`,
  );
  writeFileSync(
    path,
    `#!/bin/sh
set -e
${files.join('')}
echo '{"files": ["start_server.sh", "${toyFiles.join('", "')}"]}' >submission.json
printf '#!/bin/sh\\nexec node main.mjs\\n' >start_server.sh
${after}
`,
  );
  chmodSync(path, 0o755);
  return path;
}

const ctx = createEntryContext(() => {});

describe.skipIf(platform !== 'linux')('bench arena run', () => {
  it.each(sandboxes.ids())(
    'runs an agent in %s, evaluates, judges, scores',
    async (id) => {
      const obstacle = await sandboxes.get(id).available(ctx);
      if (obstacle !== null) return;
      const root = tempDir();
      const { scenario, model } = placeScenario(root);
      const output = join(root, 'out');
      const agent = placeAgent(root, './evaluate quick || true\n./snapshot || true\n./timer');
      const cli = spawnCli([
        ...['arena', 'run', '--scenario', scenario, '--class', 'small', '--sandbox', id],
        ...['--agent', `script:${agent}`, '--budget', '20m', '--model-path', model],
        ...['--output', output, '--json'],
      ]);
      const { code, out, err } = await cli.ended;
      const log = readFileSync(join(output, 'agent.log'), 'utf8');
      const { outcome, checks } = JSON.parse(out);
      // A machine that is busy meanwhile may slow either side down, or the reference only once.
      expect(['scored', 'regressed', 'infra_error'], `${err}\n${log}`).toContain(outcome);
      expect(code).toBe(outcome === 'infra_error' ? 6 : 0);
      const failed = checks.filter(({ verdict }: { verdict: string }) => verdict === 'fail');
      expect(failed).toEqual([]);
      expect(log.match(/^outcome: /gm)).toHaveLength(2);
      expect(log).toMatch(/yours, burst: TTFT \d.*4 of 4 valid/);
      const trial = JSON.parse(readFileSync(join(output, 'trial.json'), 'utf8'));
      expect(trial.agentPhase).toMatchObject({
        end: 'agent_done',
        sandboxed: sandboxes.get(id).isolates,
        receipt: { survivors: 0 },
      });
    },
    600_000,
  );
});
