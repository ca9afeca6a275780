import { describe, expect, it } from 'vitest';
import type { RequestRecord } from '../model/index.ts';
import { stopRule } from './stop-rules.ts';

const failed = (error: string) => ({ outcome: 'refused', error }) as RequestRecord;
const ok = { outcome: 'ok', error: null } as RequestRecord;
const dead = failed('connect ECONNREFUSED 127.0.0.1:1');
const times = (n: number, record: RequestRecord, from = 0, stride = 1) =>
  Array.from({ length: n }, (_, i) => ({ ...record, index: from + i * stride }));

describe('a level of failures alone', () => {
  const rule = stopRule('level-failed');

  it('ends at the tenth, not at the ninth', () => {
    expect(rule(times(9, dead))).toBeNull();
    expect(rule(times(10, dead))).toMatchObject({ code: 'stopped-all-failed' });
  });

  it('waits for answers that began before the first failure, up to a hundred failures', () => {
    expect(rule(times(10, dead, 8))).toBeNull();
    expect(rule(times(99, dead, 8))).toBeNull();
    expect(rule(times(100, dead, 8))).toMatchObject({ code: 'stopped-all-failed' });
    expect(rule([...times(9, dead), ...times(5, dead, 10)])).toBeNull();
  });

  it('knows the first requests of one of several threads', () => {
    expect(rule(times(10, dead, 2, 3))).toMatchObject({ code: 'stopped-all-failed' });
    expect(rule(times(10, dead, 5, 3))).toBeNull();
  });

  it('goes on after one success, however many fail', () => {
    expect(rule([...times(50, dead), ok, ...times(50, dead)])).toBeNull();
  });
});
