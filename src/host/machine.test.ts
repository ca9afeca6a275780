import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { parseProcStat, watchCpu } from './cpu-usage.ts';
import { describeEnvironment, detectContainer, parseNvidiaSmi } from './environment.ts';
import { watchEventLoop } from './event-loop.ts';

const busyFor = (ms: number) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

describe('the environment', () => {
  test('is described without the name of the host', async () => {
    const found = await describeEnvironment();
    expect(found.hostnameHash).toMatch(/^[0-9a-f]{12}$/);
    expect(found.cpuCount).toBeGreaterThan(0);
    expect(found.memoryBytes).toBeGreaterThan(2 ** 26);
    expect(found.versions['node']).toBe(process.versions.node);
    expect(found.os).not.toBe('');
  });

  test('reads what nvidia-smi prints', () => {
    const text =
      'NVIDIA H100 80GB HBM3, 81559, 550.54.15\nNVIDIA GB10, [N/A], 580.95.05\nNo devices were found\n';
    expect(parseNvidiaSmi(text)).toEqual([
      { name: 'NVIDIA H100 80GB HBM3', memoryBytes: 81559 * 1048576, driver: '550.54.15' },
      { name: 'NVIDIA GB10', memoryBytes: null, driver: '580.95.05' },
    ]);
    expect(parseNvidiaSmi('')).toEqual([]);
  });

  test.each([
    ['docker', ['/.dockerenv'], {}, '0::/', true],
    ['podman', ['/run/.containerenv'], {}, '0::/', true],
    ['kubernetes', [], { KUBERNETES_SERVICE_HOST: '10.0.0.1' }, '0::/', true],
    ['cgroup v1', [], {}, '12:pids:/docker/0a1b\n', true],
    ['bare metal', [], {}, '0::/init.scope\n', false],
    ['no /proc', [], {}, null, null],
  ])('container: %s', (_name, files, env, cgroup, expected) => {
    const exists = (path: string) => (files as string[]).includes(path);
    expect(detectContainer({ exists, read: () => cgroup, env })).toBe(expected);
  });
});

describe('the event loop watch', () => {
  test('sees a stall of the loop, and a calm loop as calm', async () => {
    const watch = watchEventLoop();
    await sleep(100);
    busyFor(120);
    await sleep(50);
    const { p99Ms, maxMs } = watch.stop();
    // The stall minus what was left of the running 5 ms interval.
    expect(maxMs).toBeGreaterThan(110);
    expect(p99Ms).toBeLessThanOrEqual(maxMs ?? 0);
    expect(watch.stop()).toEqual(watch.read());
  });

  test('sees garbage collections', async () => {
    const watch = watchEventLoop();
    let kept: unknown[] = [];
    for (let round = 0; round < 20; round++) {
      kept = Array.from({ length: 100_000 }, (_, index) => ({ index, round }));
      await sleep(1);
    }
    expect(kept).toHaveLength(100_000);
    await sleep(20);
    expect(watch.stop().gcMaxPauseMs).toBeGreaterThan(0);
  });
});

describe('CPU use', () => {
  test('of this process is near none asleep, and counted busy', async () => {
    const busy = watchCpu();
    busyFor(150);
    const { cpuShare, machineBusyShare } = busy.read();
    expect(cpuShare).toBeGreaterThan(0.2);
    if (machineBusyShare !== null) {
      expect(machineBusyShare).toBeGreaterThan(0);
      expect(machineBusyShare).toBeLessThanOrEqual(1);
    }
  });

  test('reads /proc/stat: waiting for disks is idle, stolen time is busy', () => {
    const text = 'cpu  100 5 20 800 50 3 2 20 40 0\ncpu0 1 1 1 1\nintr 5\n';
    expect(parseProcStat(text)).toEqual({ busy: 150, stolen: 20, total: 1000 });
    expect(parseProcStat('cpu 0 0 0 0 0 0 0 0\n')).toBeNull();
    expect(parseProcStat('nothing')).toBeNull();
  });
});
