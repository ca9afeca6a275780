import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { BenchError } from '../../core/index.ts';
import { createComparisonFolder } from '../../results/index.ts';
import { inNewFolder } from './claim-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'bench-claim-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a folder where the system takes none is refused at once', () => {
  // `mkdir` with `recursive` would never return.
  it.each(['/proc/x', '/proc/x/y'])('for a trial: %s', async (dir) => {
    const work = async () => {
      throw new Error('was begun');
    };
    await expect(inNewFolder(dir, dir, work)).rejects.toMatchObject({
      code: 'RESULT_NOT_WRITABLE',
      message: expect.stringContaining(`"${dir}"`),
      exitCode: 3,
    });
  });

  it('for a comparison', async () => {
    await expect(createComparisonFolder('/proc/x')).rejects.toMatchObject({
      code: 'RESULT_NOT_WRITABLE',
    });
  });
});

it('takes away what it made for a command that is refused, and no more', async () => {
  const dir = join(root, 'a', 'b');
  const work = async () => {
    expect(existsSync(dir)).toBe(true);
    throw new BenchError('USAGE_X', 'no');
  };
  await expect(inNewFolder(dir, 'a/b', work)).rejects.toThrow('no');
  expect(existsSync(join(root, 'a'))).toBe(false);
  expect(existsSync(root)).toBe(true);
});
