import { expect, test } from 'vitest';
import { checkMachine, type MachineRoom } from './check-machine.ts';
import type { RunSettings } from './settings.ts';

const calm = { loadAverage1: 0.1, cpuCount: 2 };
const roomy: MachineRoom = { openFileLimit: 1024, freeDiskBytes: 50e9, clockStepUs: 0.1 };
const none = {
  rate: null,
  concurrency: null,
  maxConcurrency: null,
  requests: null,
  duration: null,
};
const check = (
  settings: Partial<RunSettings>,
  environment: Parameters<typeof checkMachine>[2] = calm,
  room: MachineRoom = roomy,
) => checkMachine({ ...none, ...settings } as RunSettings, 64, environment, room);

test('a calm machine with room has nothing to say', () => {
  expect(check({ maxConcurrency: [1, 512], requests: 1000 })).toEqual([]);
});

test('more sockets than open files', () => {
  const [finding] = check({ maxConcurrency: [1, 1000] });
  expect(finding).toMatchObject({ code: 'open-files-low', severity: 'warning' });
  expect(finding?.message).toMatch(/1000 requests.*may open 1024 files.*ulimit -n 2048/);
});

test('few open files are few for any load', () => {
  const room = { ...roomy, openFileLimit: 128 };
  for (const settings of [{}, { rate: [10] }, { maxConcurrency: [8] }]) {
    const [finding] = check(settings, calm, room);
    expect(finding?.code).toBe('open-files-low');
    expect(finding?.message).toMatch(/may open 128 files.*ulimit -n 256$/);
  }
});

test('records that do not fit on the disk', () => {
  const room = { ...roomy, freeDiskBytes: 1e9 };
  expect(check({ rate: [10], requests: 1000 }, calm, room)).toEqual([]);
  // 2 levels x 10 req/s x 3600 s x (1000 + 4 x 64) bytes = 90 MB; x 100: 9 GB.
  const [finding] = check({ rate: [500, 1000], duration: 3600 }, calm, room);
  expect(finding?.message).toMatch(/^1000 MB are free.*may take 9043 MB/);
});

test('nearly no disk at all is said for the smallest run', () => {
  const room = { ...roomy, freeDiskBytes: 5e6 };
  expect(check({ rate: [1], requests: 1 }, calm, room)[0]?.code).toBe('disk-space-low');
});

test('other programs', () => {
  expect(check({}, { loadAverage1: 1.5, cpuCount: 2 })[0]?.message).toMatch(/was 1.50 on 2 CPUs/);
  expect(check({}, { loadAverage1: 1.5, cpuCount: 16 })).toEqual([]);
});

test('what cannot be told is not held against it', () => {
  const room = { ...roomy, openFileLimit: null, freeDiskBytes: null };
  expect(check({ maxConcurrency: [1e6] }, { loadAverage1: null, cpuCount: 2 }, room)).toEqual([]);
});

test('a clock of milliseconds', () => {
  const [finding] = check({}, calm, { ...roomy, clockStepUs: 1000 });
  expect(finding).toMatchObject({ code: 'clock-coarse', severity: 'warning' });
  expect(finding?.message).toContain('1000 µs');
});
