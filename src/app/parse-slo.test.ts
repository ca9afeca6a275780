import { expect, test } from 'vitest';
import { parseSlos } from './parse-slo.ts';

test('templates come first, in the order given', () => {
  expect(parseSlos('llm.batch,llm.standard', ['mine:e2e=2000,p=95']).map(({ id }) => id)).toEqual([
    'llm.batch',
    'llm.standard',
    'mine',
  ]);
});

test('an own SLO says its limits and its percentile', () => {
  expect(parseSlos(null, ['mine: ttft = 300 , tpot=50.5, e2e=2e3, p=99.9'])).toEqual([
    { id: 'mine', ttftMs: 300, tpotMs: 50.5, e2eMs: 2000, quantile: 0.9990000000000001 },
  ]);
});

test('without a name its limits are its name', () => {
  expect(parseSlos(null, ['ttft=300'])[0]).toMatchObject({ id: 'ttft=300', quantile: 0.99 });
});

test.each(['', 'p=99', 'ttft', 'ttft=', 'ttft=0', 'ttft=Infinity', 'p=100,ttft=1', ':ttft=1'])(
  '"%s" is refused with an example',
  (text) => {
    expect(() => parseSlos(null, [text])).toThrow(/--slo/);
  },
);
