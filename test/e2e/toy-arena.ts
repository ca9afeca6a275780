import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { factKinds } from '../../src/arena/checks/facts.ts';

const corpus = fileURLToPath(new URL('../corpus/', import.meta.url));
const toyFiles = ['main.mjs', 'server.mjs', 'model.mjs', 'facts.json'];
/** What the toy knows. */
const facts = JSON.stringify(Object.fromEntries(factKinds.flatMap((kind) => kind.facts)));

/**
 * The corpus's scenario: a toy model, whose reference is the toy, one request at a time. All times are
 * slept, and so far apart that a busy machine cannot turn them round.
 */
export function placeScenario(root: string): { scenario: string; model: string } {
  const scenario = join(root, 'scenario', 'decode');
  mkdirSync(join(root, 'scenario'), { recursive: true });
  cpSync(join(corpus, 'scenario', 'decode'), scenario, { recursive: true });
  // One CPU for each side, so that the client has others where there are any.
  const file = join(scenario, 'scenario.json');
  const data = JSON.parse(readFileSync(file, 'utf8'));
  data.classes.small.limits.cpus = 1;
  writeFileSync(file, JSON.stringify(data));
  const reference = join(scenario, 'reference');
  cpSync(join(corpus, 'toy'), reference, { recursive: true });
  writeFileSync(join(reference, 'facts.json'), facts);
  writeFileSync(
    join(reference, 'main.mjs'),
    "import { serve } from './server.mjs';\nserve({ decodeMs: 24, oneAtATime: true });\n",
  );
  const model = join(root, 'toy');
  mkdirSync(join(model, 'hf'), { recursive: true });
  writeFileSync(join(model, 'model.gguf'), 'GGUF, a toy model\n');
  writeFileSync(join(model, 'hf', 'config.json'), '{}\n');
  return { scenario, model };
}

/** An agent that carries the toy with it: in a sandbox it sees nothing else. */
export function placeAgent(root: string, after: string): string {
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

/** Processes of this machine that have the word in their command line or environment. */
export function processesWith(word: string): string[] {
  const holds = (pid: string, file: string) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(word);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && (holds(name, 'cmdline') || holds(name, 'environ')),
  );
}

/** Polls until `probe` is true; throws after `limitMs`, which only bounds a hang. */
export async function eventually(
  what: string,
  probe: () => boolean,
  limitMs = 200_000,
): Promise<void> {
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += 25) {
    if (probe()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`not within ${limitMs} ms: ${what}`);
}
