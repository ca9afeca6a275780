import { type DistributionMetric, defineLatency, type ScalarMetric } from '../definition.ts';
import { perRequest } from '../level-facts.ts';
import { dispatchLagMs } from '../request-latency.ts';

export const dispatchLag = defineLatency({
  id: 'dispatch_lag',
  title: 'Dispatch lag',
  description:
    'From the intended to the actual send of every counted request that was sent, failed ones too: waiting on this side.',
  source: 'InferenceBench.',
  collect: (facts) => perRequest(facts.counted, dispatchLagMs),
});

export const connect: DistributionMetric = {
  kind: 'distribution',
  id: 'connect',
  title: 'Connection set-up',
  unit: 'ms',
  better: 'lower',
  description:
    'Time spent opening a connection inside a request that was sent; 0 on a kept-alive connection.',
  source: 'InferenceBench.',
  statistics: ['p99'],
  tailRatio: false,
  collect: (facts) =>
    perRequest(facts.counted, (record) =>
      record.sentUs === null ? null : record.connectUs / 1000,
    ),
};

export const coalescedShare: ScalarMetric = {
  kind: 'scalar',
  id: 'coalesced_share',
  title: 'Coalesced chunks',
  unit: 'share',
  better: null,
  description:
    'Share of chunks, first chunks left out, that came in the same network read as the one before: their gaps are 0 by delivery, not by the model.',
  source: 'InferenceBench.',
  compute(facts) {
    let followers = 0;
    let coalesced = 0;
    for (const { chunks } of facts.ok) {
      for (let i = 1; i < chunks.read.length; i++) {
        followers++;
        if (chunks.read[i] === chunks.read[i - 1]) coalesced++;
      }
    }
    return followers === 0 ? null : coalesced / followers;
  },
};
