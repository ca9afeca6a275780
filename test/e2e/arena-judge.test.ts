import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { platform } from 'node:process';
import { describe, expect, it } from 'vitest';
import { createEntryContext } from '../../src/engines/index.ts';
import { ownCpus, sandboxes, shareCpus } from '../../src/sandbox/index.ts';
import { tempDir } from './run-bench.ts';
import { spawnCli } from './spawn-cli.ts';
import { placeScenario } from './toy-arena.ts';

/** Tells what it finds, and never serves. */
const launcher = `#!/bin/sh
ls "$MODEL_PATH" "$MODEL_PATH/hf"
[ -e /proc/self/root/etc/shadow ] && echo "sees the machine"
grep Cpus_allowed_list /proc/self/status
exec sleep 100000
`;

/** @returns what is printed, the trial, and what the launcher said */
async function judgeNever(sandbox: string) {
  const root = tempDir();
  const { scenario, model } = placeScenario(root);
  const submission = join(root, 'submission');
  mkdirSync(submission);
  writeFileSync(join(submission, 'start_server.sh'), launcher);
  const output = join(root, 'out');
  const cli = spawnCli([
    ...['arena', 'judge', '--scenario', scenario, '--class', 'small', '--json'],
    ...['--submission', submission, '--model-path', model, '--output', output],
    ...['--startup-timeout', '3', '--sandbox', sandbox],
  ]);
  const { code, out, err } = await cli.ended;
  expect(code, err).toBe(4);
  const trial = JSON.parse(readFileSync(join(output, 'trial.json'), 'utf8'));
  expect(err).toContain(`SHA-256 ${trial.seeds.secretSha256}`);
  return {
    printed: JSON.parse(out),
    trial,
    log: readFileSync(join(output, 'server.log'), 'utf8'),
  };
}

describe.skipIf(platform !== 'linux')('bench arena judge of a server that never serves', () => {
  it('judges in the strongest sandbox that is there', async () => {
    const ctx = createEntryContext(() => {});
    const bubblewrap = (await sandboxes.get('bubblewrap').available(ctx)) === null;
    const { printed, trial, log } = await judgeNever('auto');
    expect(printed).toMatchObject({ outcome: 'server_fail' });
    const checks = Object.fromEntries(
      printed.checks.map(({ id, verdict }: { id: string; verdict: string }) => [id, verdict]),
    );
    expect(checks).toMatchObject({ readiness: 'fail', usage: 'not_run' });
    expect(trial.ground).toMatchObject({
      sandbox: bubblewrap ? 'bubblewrap' : 'process',
      sandboxed: bubblewrap,
      reference: null,
    });
    expect(log).toContain('hf\nmodel.gguf\n');
    expect(log).toContain('config.json');
    const { program } = shareCpus(ownCpus(), 1);
    if (program !== null) expect(log).toMatch(new RegExp(`Cpus_allowed_list:\\s+${program}\n`));
    if (bubblewrap) expect(log).not.toContain('sees the machine');
  });

  it('marks what is judged without one', async () => {
    const { printed, trial } = await judgeNever('process');
    expect(trial.ground).toMatchObject({ sandbox: 'process', sandboxed: false });
    expect(printed.doubts).toContainEqual(expect.objectContaining({ id: 'unsandboxed' }));
  });
});

/** Serves, and writes on and on once it has been asked. */
const filler = `import { appendFileSync } from 'node:fs';
import { serve } from './server.mjs';
const piece = Buffer.alloc(16 << 20, 1);
let isFilling = false;
function fill() {
  try { appendFileSync('filler', piece); } catch {}
  setTimeout(fill, 5);
}
serve({ afterAnswer() {
  if (!isFilling) fill();
  isFilling = true;
} });
`;

describe.skipIf(platform !== 'linux')('bench arena judge of a server that fills the disk', () => {
  it.each(sandboxes.ids())(
    'ends it in %s, and says so',
    async (id) => {
      if ((await sandboxes.get(id).available(createEntryContext(() => {}))) !== null) return;
      const root = tempDir();
      const { scenario, model } = placeScenario(root);
      const submission = join(root, 'submission');
      cpSync(join(scenario, 'reference'), submission, { recursive: true });
      writeFileSync(join(submission, 'main.mjs'), filler);
      const files = ['main.mjs', 'server.mjs', 'model.mjs', 'facts.json', 'start_server.sh'];
      writeFileSync(join(submission, 'submission.json'), JSON.stringify({ files }));
      const output = join(root, 'out');
      const cli = spawnCli([
        ...['arena', 'judge', '--scenario', scenario, '--class', 'small', '--json'],
        ...['--submission', submission, '--model-path', model, '--output', output],
        ...['--sandbox', id, '--disk', '64'],
      ]);
      const { code, out, err } = await cli.ended;
      expect(code, `${out}${err}`).toBe(4);
      expect(JSON.parse(out)).toMatchObject({
        outcome: 'server_fail',
        reason: expect.stringMatching(/it had reached its limit of disk \(64 MiB\)/),
      });
      const { ground } = JSON.parse(readFileSync(join(output, 'trial.json'), 'utf8'));
      expect(ground.server).toContainEqual({
        ...{ limit: 'diskBytes', asked: 64 << 20, by: 'watched', reached: true },
      });
      expect(ground.notes).toContain('the server reached its limit of disk');
    },
    240_000,
  );
});
