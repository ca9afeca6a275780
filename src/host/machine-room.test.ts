import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freeDiskBytes, readClockStepUs, readOpenFileLimit } from './machine-room.ts';

it.runIf(process.platform === 'linux')('knows the limit on open files', () => {
  expect(readOpenFileLimit()).toBeGreaterThan(63);
});

it('knows the free space of a folder that does not exist yet', async () => {
  const { blocks, bsize } = statfsSync(tmpdir());
  const free = await freeDiskBytes(join(tmpdir(), 'not-yet', 'nor-this'));
  expect(free).toBeGreaterThan(0);
  expect(free).toBeLessThanOrEqual(blocks * bsize);
});

it('knows the step of a clock', () => {
  let reading = 0;
  // Advances by a millisecond at every tenth reading.
  const coarse = { nowUs: () => 1000 * Math.floor(reading++ / 10) };
  expect(readClockStepUs(coarse)).toBe(1000);
  expect(readClockStepUs({ nowUs: () => 5 })).toBe(Number.POSITIVE_INFINITY);
  expect(readClockStepUs({ nowUs: () => performance.now() * 1000 })).toBeGreaterThan(0);
});
