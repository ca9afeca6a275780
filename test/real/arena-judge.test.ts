import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { afterAll, describe, expect, it } from 'vitest';
import { bench } from './bench-process.ts';
import { obstacle, referenceEnv } from './reference-python.ts';

const here = env['BENCH_TEST_FULL'] === '1' && obstacle() === null;

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
    const { code, out, err } = await bench(
      [
        ...['arena', 'judge', '--scenario', 'decode', '--class', 'small', '--submission', dir],
        ...['--output', join(dir, 'judged'), '--json'],
      ],
      { env: referenceEnv },
    );
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
