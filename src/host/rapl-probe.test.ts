import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createMonotonicClock } from './monotonic-clock.ts';
import { openRaplProbe } from './rapl-probe.ts';

const clock = createMonotonicClock();

/** A tree as Linux shows it: zone -> name and counter, microjoules. */
function tree(zones: Record<string, { name: string; energyUj?: string }>): string {
  const dir = mkdtempSync(join(tmpdir(), 'bench-rapl-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  for (const [zone, { name, energyUj }] of Object.entries(zones)) {
    mkdirSync(join(dir, zone));
    writeFileSync(join(dir, zone, 'name'), `${name}\n`);
    writeFileSync(join(dir, zone, 'max_energy_range_uj'), '262143328850\n');
    if (energyUj !== undefined) writeFileSync(join(dir, zone, 'energy_uj'), `${energyUj}\n`);
  }
  return dir;
}

const twoSockets = {
  'intel-rapl': { name: 'intel-rapl' },
  'intel-rapl:0': { name: 'package-0', energyUj: '1000000' },
  'intel-rapl:0:0': { name: 'core', energyUj: '700000' },
  'intel-rapl:0:1': { name: 'dram', energyUj: '500000' },
  'intel-rapl:1': { name: 'package-1', energyUj: '262143000000' },
  'intel-rapl:1:1': { name: 'dram', energyUj: '0' },
  'intel-rapl:2': { name: 'psys', energyUj: '9' },
};

async function open(dir: string) {
  const probe = await openRaplProbe(dir, clock, clock.nowUs());
  if (typeof probe === 'string') throw new Error(probe);
  return { ...probe, read: async () => (await probe.read())[0]?.readings ?? [] };
}

it('reads packages and memory, and nothing that is inside a package', async () => {
  const dir = tree(twoSockets);
  const probe = await open(dir);
  expect(probe.id).toBe('rapl');
  expect(probe.covers).toContain('package-0, dram, package-1, dram (intel-rapl:1:1)');
  writeFileSync(join(dir, 'intel-rapl:0', 'energy_uj'), '6000000\n');
  writeFileSync(join(dir, 'intel-rapl:0:0', 'energy_uj'), '90000000\n');
  writeFileSync(join(dir, 'intel-rapl:1:1', 'energy_uj'), '250000\n');
  const readings = await probe.read();
  expect(readings.map(({ name, energyJ }) => [name, energyJ])).toEqual([
    ['package-0', 5],
    ['dram', 0],
    ['package-1', 0],
    ['dram (intel-rapl:1:1)', 0.25],
  ]);
});

it('goes on where a counter starts again from 0', async () => {
  const dir = tree(twoSockets);
  const probe = await open(dir);
  const file = join(dir, 'intel-rapl:1', 'energy_uj');
  writeFileSync(file, '671150\n');
  const once = await probe.read();
  // 262143328850 - 262143000000 to the end of the range, and 671150 from 0: 1 J.
  expect(once[2]?.energyJ).toBeCloseTo(1, 9);
  writeFileSync(file, '1671150\n');
  const twice = await probe.read();
  expect(twice[2]?.energyJ).toBeCloseTo(2, 9);
});

it('says null for a counter that goes away, and goes on with the others', async () => {
  const dir = tree(twoSockets);
  const probe = await open(dir);
  rmSync(join(dir, 'intel-rapl:0', 'energy_uj'));
  expect((await probe.read()).map(({ energyJ }) => energyJ)).toEqual([null, 0, 0, 0]);
});

it.each([
  ['no tree', () => '/nowhere/powercap', 'no RAPL energy counter'],
  ['nothing in it', () => tree({}), 'no RAPL energy counter'],
  ['only parts', () => tree({ 'intel-rapl:0:0': { name: 'core', energyUj: '1' } }), 'no RAPL'],
  [
    'a counter that cannot be read',
    () => tree({ 'intel-rapl:0': { name: 'package-0' } }),
    'cannot be read',
  ],
])('says why there is no probe: %s', async (_, dir, reason) => {
  expect(await openRaplProbe(dir(), clock, 0)).toContain(reason);
});
