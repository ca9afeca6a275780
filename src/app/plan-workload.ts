import type { ArrivalSpec, LoadSpec } from '../model/index.ts';
import type { Planner } from '../protocols/index.ts';
import {
  fixedLength,
  type LengthSpec,
  type LoadedDataset,
  planClosedLevel,
  planOpenLevel,
} from '../workload/index.ts';

export interface WorkloadAsked {
  dataset: LoadedDataset;
  /** Generated text, for requests that have to be of one length. */
  generated: LoadedDataset;
  arrival: ArrivalSpec;
  inputTokens: LengthSpec;
  outputTokens: LengthSpec;
  /** Most tokens of a request, prompt and output together; null = no limit. */
  fitTokens: number | null;
  /** Cap on requests in flight of an open loop; null = none. */
  maxInFlight: number | null;
  seed: number;
}

const noLoad: LoadSpec = {
  kind: 'open',
  rateRps: null,
  concurrencyAsked: null,
  maxConcurrency: null,
  arrival: null,
};

/** Plans of one workload, all of one seed. */
export function createPlanner(workload: WorkloadAsked): Planner {
  const { dataset, generated, arrival, inputTokens, outputTokens, seed } = workload;
  const common = { inputTokens, outputTokens, fitTokens: workload.fitTokens, dataset, seed };
  const fixed = {
    inputTokens: fixedLength(inputTokens),
    outputTokens: fixedLength(outputTokens),
    dataset: generated,
    seed,
  };
  return {
    open(rateRps, { requests, durationS, salt, concurrencyAsked }) {
      const load: LoadSpec = {
        ...noLoad,
        concurrencyAsked: concurrencyAsked ?? null,
        maxConcurrency: workload.maxInFlight,
      };
      return planOpenLevel({ ...common, load, arrival, rateRps, requests, durationS, salt });
    },
    closed(inFlight, { requests, durationS, salt, fixedLengths }) {
      return planClosedLevel({
        ...(fixedLengths ? fixed : common),
        load: { ...noLoad, kind: 'closed' },
        maxConcurrency: inFlight,
        requests,
        durationS,
        salt,
      });
    },
  };
}
