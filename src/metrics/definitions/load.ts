import { concurrencyReached } from '../concurrency.ts';
import type { ScalarMetric } from '../definition.ts';

export const offeredRate: ScalarMetric = {
  kind: 'scalar',
  id: 'offered_rps',
  title: 'Offered rate',
  unit: 'req/s',
  better: null,
  description:
    'Arrivals realised in the counted window / its length (open loop only). A window that begins and ends with an arrival holds one gap less than arrivals.',
  formula: 'counted arrivals / window length',
  source: 'InferenceBench.',
  compute({ run, records, counted }) {
    const seconds = (run.windowEndUs - run.windowStartUs) / 1e6;
    const first = records[counted[0] ?? -1];
    const last = records[counted.at(-1) ?? -1];
    if (run.load.kind !== 'open' || !(seconds > 0) || !first || !last) return null;
    const betweenArrivals =
      first.intendedUs <= run.windowStartUs && last.intendedUs >= run.windowEndUs - 1;
    return (counted.length - (betweenArrivals ? 1 : 0)) / seconds;
  },
};

export const concurrency: ScalarMetric = {
  kind: 'scalar',
  id: 'concurrency_reached',
  title: 'Concurrency reached',
  unit: 'requests in flight',
  better: null,
  description:
    'Time average over the counted window of requests between actual send and end, uncounted ones included.',
  formula: 'sum over requests of time in flight inside the window / window length',
  source: "Little's law, L = lambda W: Little (1961).",
  compute: ({ run }) => concurrencyReached(run),
};
