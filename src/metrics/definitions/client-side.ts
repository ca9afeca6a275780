import { latency, type RequestDistribution, type ScalarMetric } from '../definition.ts';
import { perRequest } from '../level-facts.ts';
import { dispatchLagMs } from '../request-latency.ts';

export const dispatchLag: RequestDistribution = {
  ...latency,
  of: 'requests',
  id: 'dispatch_lag',
  title: 'Dispatch lag',
  description:
    'From the intended to the actual send of every counted request that was sent, failed ones too: waiting on this side.',
  formula: 't(actual send) - t(intended send)',
  source: 'InferenceBench.',
  collect: (facts) => perRequest(facts, facts.counted, dispatchLagMs),
};

export const connect: RequestDistribution = {
  kind: 'distribution',
  of: 'requests',
  id: 'connect',
  title: 'Connection set-up',
  unit: 'ms',
  better: 'lower',
  description:
    'Time spent opening a connection inside a request that was sent; 0 on a kept-alive connection.',
  formula: 't(connected) - t(connection begun), inside the request',
  source: 'InferenceBench.',
  statistics: ['p99'],
  tailRatio: false,
  collect: (facts) =>
    perRequest(facts, facts.counted, (record) =>
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
  formula: 'chunks in the read of the chunk before / chunks that follow another',
  source: 'InferenceBench.',
  compute: ({ chunks: { followers, coalesced } }) =>
    followers === 0 ? null : coalesced / followers,
};
