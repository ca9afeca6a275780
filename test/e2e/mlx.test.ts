import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fakeMlxPython } from '../../src/engines/mlx/test-support.ts';
import { writeProgram } from '../../src/engines/test-support.ts';
import { readEnvelope, readLevels } from '../../src/results/index.ts';
import { readValidEnvelope, runBench, tempDir, warmedOnce } from './run-bench.ts';

/** On a stand-in whose answers end after five tokens, whatever is asked. */
test('mlx: lengths are those achieved, and what it does not offer is said', async () => {
  const dir = tempDir();
  mkdirSync(join(dir, 'bin'));
  const python = writeProgram(join(dir, 'bin'), 'python3', fakeMlxPython);
  // An mlx_lm.server of this machine would be found before it.
  writeProgram(join(dir, 'bin'), 'mlx_lm.server', `#!${python}\n`);
  const model = join(dir, 'model');
  mkdirSync(model);
  writeFileSync(join(model, 'config.json'), '{"max_position_embeddings": 1024}');
  const env = {
    PATH: `${join(dir, 'bin')}:${process.env['PATH']}`,
    HOME: dir,
    BENCH_CACHE_DIR: join(dir, 'cache'),
  };
  const output = join(dir, 'run');
  const ran = await runBench(
    [
      ...['run', 'llm.inference', '--engine', 'mlx', '--model', 'tiny', '--model-path', model],
      ...['--max-concurrency', '1', '--requests', '4', '--input-tokens', '20'],
      ...['--output-tokens', '8', ...warmedOnce, '--output', output],
    ],
    { env },
  );
  expect(ran.exitCode, ran.err).toBe(0);
  const envelope = readValidEnvelope(output);
  expect(envelope).toMatchObject({
    engine: { id: 'mlx', version: 'mlx-lm 0.32.2, mlx 0.32.4', started: true },
    model: { asked: 'tiny' },
    workload: { ignoreEos: false },
    engineMetrics: { family: null, reason: 'not offered by mlx_lm.server (MLX)' },
  });
  const codes = envelope.findings.map(({ code }) => code);
  expect(codes).toContain('lengths-not-enforced');
  expect(codes).not.toContain('model-not-listed');
  const levels = await readLevels(output, await readEnvelope(output));
  const records = levels.flatMap(({ records }) => records).filter(({ counted }) => counted);
  expect(records.map((record) => [record.outcome, record.outputTokensUsage])).toEqual(
    Array.from({ length: 4 }, () => ['ok', 5]),
  );
});
