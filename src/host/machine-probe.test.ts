import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openMachineProbe } from './machine-probe.ts';

/** Files as Linux shows them: proc(5), cpufreq, thermal_throttle of x86. */
function tree(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'bench-machine-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

it('reads time, memory, clocks and throttling', async () => {
  const cpu = 'sys/devices/system/cpu';
  const probe = await openMachineProbe(
    tree({
      'proc/stat': 'cpu  100 0 50 800 30 5 5 10 0 0\ncpu0 1 2 3 4\n',
      'proc/meminfo': 'MemTotal:       24000000 kB\nMemAvailable:    1000000 kB\n',
      [`${cpu}/cpu0/cpufreq/scaling_cur_freq`]: '3000000\n',
      [`${cpu}/cpu1/cpufreq/scaling_cur_freq`]: '2000000\n',
      [`${cpu}/cpu0/thermal_throttle/core_throttle_count`]: '4\n',
      [`${cpu}/cpu1/thermal_throttle/core_throttle_count`]: '3\n',
      [`${cpu}/cpufreq/policy0/scaling_cur_freq`]: '1\n',
    }),
  );
  expect(await probe.read()).toEqual({
    // Idle 800 and waiting for disks 30 of 1000.
    times: { busy: 170, stolen: 10, total: 1000 },
    memoryAvailableBytes: 1_024_000_000,
    ...{ clockMeanMhz: 2500, clockMinMhz: 2000, throttleEvents: 7 },
  });
});

it('says null for what a machine does not show', async () => {
  const probe = await openMachineProbe('/nowhere');
  expect(Object.values(await probe.read())).toEqual([null, null, null, null, null]);
});
