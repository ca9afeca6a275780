import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { arch, availableParallelism, homedir, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { afterAll, describe, expect, it } from 'vitest';
import { type EngineContext, findEngine } from '../../src/engines/index.ts';
import { createNodeHost } from '../../src/host/index.ts';
import { bench } from './bench-process.ts';

const host = createNodeHost();
const context: EngineContext = {
  env: host.env,
  platform: platform(),
  arch: arch(),
  cpuCount: availableParallelism(),
  home: homedir(),
  clock: host.clock,
  emit: () => {},
};
const here =
  env['BENCH_TEST_FULL'] === '1' &&
  (await findEngine('pytorch').locate(context)) !== null &&
  (await findEngine('llama.cpp').locate(context)) !== null;

const launcher = `#!/bin/sh
exec "$BENCH_ENGINES/bin/llama.cpp-server" --model "$MODEL_PATH/model.gguf" --alias "$MODEL_NAME" \\
  --host "$HOST" --port "$PORT" --ctx-size 2048 --threads 2 --parallel 1
`;

describe.skipIf(!here)('a llama.cpp launch script against the PyTorch reference (minutes)', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bench-judge-real-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('is faster, and no check fails it', async () => {
    writeFileSync(join(dir, 'start_server.sh'), launcher);
    chmodSync(join(dir, 'start_server.sh'), 0o755);
    const { code, out, err } = await bench([
      ...['arena', 'judge', '--scenario', 'decode', '--class', 'small', '--submission', dir],
      ...['--output', join(dir, 'judged'), '--json'],
    ]);
    expect(code, err).toBe(0);
    const { outcome, score, checks } = JSON.parse(out);
    expect({ outcome, faster: score > 1 }).toEqual({ outcome: 'scored', faster: true });
    const failed = checks.filter(({ verdict }: { verdict: string }) => verdict === 'fail');
    expect(failed).toEqual([]);
    const verdictOf = (id: string) => checks.find((one: { id: string }) => one.id === id)?.verdict;
    // `not_run`: no strace here, or none that may trace.
    expect(verdictOf('opened-files')).toMatch(/^(pass|not_run)$/);
    // Where there is a floor: none under an accelerator.
    expect(verdictOf('physical-floor')).toMatch(/^(pass|not_run)$/);
  }, 1_800_000);
});
