import { expect, it } from 'vitest';
import type { Clock } from '../../core/index.ts';
import { createAgentClock, describeTime } from './agent-clock.ts';

function clockAt() {
  let nowS = 1000;
  const clock: Clock = {
    nowUs: () => nowS * 1e6,
    wallMs: () => 0,
    sleepUntil: () => Promise.resolve(),
  };
  return { clock, pass: (seconds: number) => (nowS += seconds) };
}

it('counts down from the budget, less what was used before', () => {
  const { clock, pass } = clockAt();
  const time = createAgentClock(clock, 7200, 200);
  expect([time.elapsedS(), time.remainingS(), time.reserveS]).toEqual([200, 7000, 300]);
  pass(7100);
  expect([time.elapsedS(), time.remainingS()]).toEqual([7300, 0]);
});

it('warns at 30, 10 and 5 minutes and in the reserve', () => {
  const { clock, pass } = clockAt();
  const time = createAgentClock(clock, 7200, 0);
  const warnings = () => describeTime(time).warnings.map((one) => one.slice(0, 20));
  expect(warnings()).toEqual([]);
  pass(5400);
  expect(warnings()).toEqual(['less than 30 minutes']);
  pass(1200);
  expect(warnings()).toEqual(['less than 30 minutes', 'less than 10 minutes']);
  pass(300);
  expect(warnings()).toHaveLength(4);
  expect(describeTime(time)).toMatchObject({ inReserve: true, remainingS: 300 });
  expect(describeTime(time).text).toMatch(/^5:00 left of 120:00 /);
});

it('keeps a tenth of a short budget as reserve, and warns of no time it never had', () => {
  const { clock, pass } = clockAt();
  const time = createAgentClock(clock, 60, 0);
  expect(time.reserveS).toBe(6);
  expect(describeTime(time).warnings).toEqual([]);
  pass(53);
  expect(time.inReserve()).toBe(false);
  pass(1);
  expect(time.inReserve()).toBe(true);
});
