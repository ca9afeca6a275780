import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Clock } from '../../core/index.ts';
import { createFakeHost } from '../../host/index.ts';
import { levelPower } from '../../metrics/index.ts';
import type { Environment, LevelRun } from '../../model/index.ts';
import { openPowerProbe, type PowerAsk } from './open-power-probe.ts';

const environment = { gpus: [] } as unknown as Environment;
/** Of a machine without GPUs, whatever this one has. */
const ask: PowerAsk = { asked: 'auto', isLocal: true, originUs: 0, dcgm: null, root: '/nowhere' };

/** Where the counters start again, microjoules: that of an Intel server. */
const rangeUj = 262_143_328_850;

it('makes the joules of a level out of the counters of two sockets', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'bench-power-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const set = (zone: string, name: string, energyUj: number) => {
    mkdirSync(join(dir, zone), { recursive: true });
    writeFileSync(join(dir, zone, 'name'), `${name}\n`);
    writeFileSync(join(dir, zone, 'max_energy_range_uj'), `${rangeUj}\n`);
    writeFileSync(join(dir, zone, 'energy_uj'), `${energyUj}\n`);
  };
  /** Joules of the first package, of the second (from 5 J before its counter's end) and of memory. */
  const at = (first: number, second: number, memory: number) => {
    set('intel-rapl:0', 'package-0', 7e6 + first * 1e6);
    // Inside the package: must not count again.
    set('intel-rapl:0:0', 'core', 1e6 + first * 1e6);
    set('intel-rapl:0:1', 'dram', 3e6 + memory * 1e6);
    set('intel-rapl:1', 'package-1', (rangeUj - 5e6 + second * 1e6) % rangeUj);
  };
  let nowUs = 0;
  const clock: Clock = { nowUs: () => nowUs, wallMs: () => 0, sleepUntil: async () => {} };
  const host = createFakeHost({ clock, env: { BENCH_POWERCAP_DIR: dir } });
  at(0, 0, 0);
  const { probe, info } = await openPowerProbe(host, environment, ask);
  if (probe === null) throw new Error(info.reason ?? '');
  expect(info).toMatchObject({ probe: 'rapl', method: 'difference of the energy counters' });
  const samples = [];
  for (const [seconds, first, second, memory] of [
    [1, 0, 0, 0],
    [3, 20, 10, 2],
    [5, 60, 30, 4],
  ] as const) {
    nowUs = seconds * 1e6;
    at(first, second, memory);
    samples.push(...(await probe.read()));
  }
  // From 2 s to 4 s: (10 + 20) + (5 + 10) + (1 + 1) J.
  const level = { windowStartUs: 2e6, endUs: 4e6 } as LevelRun;
  const power = levelPower(level, samples);
  expect(power.reason).toBeNull();
  expect(power.energyJ).toBeCloseTo(47, 6);
  expect(power.avgW).toBeCloseTo(23.5, 6);
  expect(power.domainsW['package-1']).toBeCloseTo(7.5, 6);
});

it.each([
  ['a server elsewhere', false, 'another machine'],
  ['no counters', true, 'no RAPL energy counter'],
])('says why nothing is measured: %s', async (_, isLocal, reason) => {
  const host = createFakeHost({ env: { BENCH_POWERCAP_DIR: '/nowhere' } });
  const { probe, info } = await openPowerProbe(host, environment, { ...ask, isLocal });
  expect(probe).toBeNull();
  expect(info.probe).toBeNull();
  expect(info.reason).toContain(reason);
});

it('does not take the processors for the power of an AMD GPU, unless told to', async () => {
  const root = mkdtempSync(join(tmpdir(), 'bench-power-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, 'dev'));
  writeFileSync(join(root, 'dev/kfd'), '');
  mkdirSync(join(root, 'intel-rapl:0'));
  for (const [name, text] of [
    ['name', 'package-0'],
    ['energy_uj', '5'],
    ['max_energy_range_uj', '100'],
  ] as const) {
    writeFileSync(join(root, 'intel-rapl:0', name), `${text}\n`);
  }
  const host = createFakeHost({ env: { BENCH_POWERCAP_DIR: root } });
  const { probe, info } = await openPowerProbe(host, environment, { ...ask, root });
  expect([probe, info.reason]).toEqual([
    ...[null, expect.stringMatching(/AMD GPU .* not implemented/)],
  ]);
  const told = await openPowerProbe(host, environment, { ...ask, root, asked: 'rapl' });
  expect(told.info.probe).toBe('rapl');
});

it('a probe that is named and cannot be had is an error, none is a reason', async () => {
  const host = createFakeHost({ env: { BENCH_POWERCAP_DIR: '/nowhere' } });
  const open = (asked: PowerAsk['asked'], isLocal = true) =>
    openPowerProbe(host, environment, { ...ask, asked, isLocal });
  await expect(open('rapl')).rejects.toMatchObject({
    ...{ code: 'PREREQ_POWER', exitCode: 3 },
    message: expect.stringContaining('no RAPL energy counter'),
  });
  await expect(open('rapl', false)).rejects.toMatchObject({ code: 'PREREQ_POWER' });
  expect((await open('none')).info.reason).toContain('--power none');
});
