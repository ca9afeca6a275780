import { expect, it } from 'vitest';
import type { LevelDevice, LevelSummary, PowerInfo } from '../../model/index.ts';
import { judgeDevices } from './judge-devices.ts';

const device: LevelDevice = {
  ...{ busyShare: 0.99, memoryUsedMaxBytes: 1, clockMeanMhz: 1460, clockMinMhz: 1425 },
  ...{ temperatureMaxC: 60, clockLimits: {} },
};
const level = (clockLimits: Record<string, number> | null) =>
  ({ index: 1, power: { devices: { 'gpu-0': { ...device, clockLimits } } } }) as LevelSummary & {
    power: object;
  };
const codes = (limits: Record<string, number> | null) =>
  judgeDevices(undefined, [level(limits)]).map(({ code, severity }) => [code, severity]);

it('tells a power limit from heat, and both from nothing', () => {
  expect(codes({ sw_power_cap: 0.9 })).toEqual([['gpu-power-capped', 'info']]);
  expect(codes({ sw_power_cap: 0.9, hw_thermal_slowdown: 0.1 })).toEqual([
    ['gpu-throttled', 'warning'],
  ]);
  expect(codes({ sw_power_cap: 0.01, applications_clocks_setting: 1 })).toEqual([]);
  expect(codes(null)).toEqual([]);
});

it('finds others on a device', () => {
  const one = { pid: 1, name: 'vllm', memoryBytes: null };
  const info = (processes: (typeof one)[]) =>
    ({ devices: [{ name: 'gpu-0', model: 'NVIDIA H200', processes }] }) as unknown as PowerInfo;
  expect(judgeDevices(info([one]), [])).toEqual([]);
  const [finding] = judgeDevices(info([one, { ...one, pid: 2, name: 'python3' }]), []);
  expect(finding?.message).toContain('vllm (1), python3 (2)');
});
