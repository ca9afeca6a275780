import { expect, it } from 'vitest';
import type { Knee, RunMethod } from '../../model/index.ts';
import { renderMethod } from '../terminal/method-block.ts';
import { createPaint } from '../terminal/paint.ts';
import { makeEnvelope } from '../test-support.ts';
import { maxLoadSentence, maxLoadTable } from './max-load.ts';

it('is unknown, not missed, where no level is fit to be judged', () => {
  const knee: Knee = {
    ...{ criterion: 'llm.standard', maxRateRps: null, offeredRps: null, level: null },
    ...{ failRps: 1, failOfferedRps: 1, verdict: 'unknown', failedBy: 'invalid' },
  };
  const of = (one: Knee) => {
    const sweep = { kind: 'rates', stopped: 'every rate was measured', levels: [0], knees: [one] };
    const method = { sweep, sustained: null, launches: [], acrossLaunches: [] };
    return makeEnvelope({ method: method as unknown as RunMethod });
  };
  expect(maxLoadSentence(of(knee), 'llm.standard')).toMatchObject({ met: null, text: 'unknown' });
  expect(maxLoadTable(of(knee))?.rows[0]?.[1]).toBe('unknown');
  const terminal = (one: Knee) => renderMethod(of(one), 100, createPaint(false)).join('\n');
  expect(terminal(knee)).toMatch(/unknown; .*1 req\/s.* is not fit to be judged/);
  const missed: Knee = { ...knee, verdict: 'refuted', failedBy: 'slo' };
  expect(maxLoadSentence(of(missed), 'llm.standard')).toMatchObject({ met: false });
  expect(terminal(missed)).toContain('none; ');
});
