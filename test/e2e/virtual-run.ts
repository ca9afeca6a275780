import type { LevelRun, LevelSummary } from '../../src/model/index.ts';
import { measureLevel } from '../../src/protocols/index.ts';
import { createVirtualClock, createVirtualSender, type SimSpecInput } from '../../src/sim/index.ts';
import {
  parseArrival,
  parseDataset,
  parseLengthSpec,
  planClosedLevel,
  planOpenLevel,
} from '../../src/workload/index.ts';

export interface VirtualLoad {
  /** Requests per second; null = closed loop of `maxConcurrency` callers. */
  rateRps: number | null;
  maxConcurrency?: number;
  arrival?: string;
  requests: number;
  inputTokens?: string;
  outputTokens?: string;
  /** Of every bootstrap; fewer are quicker where no interval is looked at. */
  resamples?: number;
}

/** One level on the virtual clock: the code of `bench run` from the plan to the metrics. */
export async function runVirtually(
  spec: SimSpecInput,
  load: VirtualLoad,
): Promise<{ run: LevelRun; summary: LevelSummary }> {
  const clock = createVirtualClock({ startUs: 5_000_000 });
  const dataset = await parseDataset('random').dataset.load({ counter: null, path: null });
  const common = {
    load: {
      kind: 'open' as const,
      rateRps: null,
      concurrencyAsked: null,
      maxConcurrency: load.maxConcurrency ?? null,
      arrival: null,
    },
    requests: load.requests,
    durationS: null,
    inputTokens: parseLengthSpec(load.inputTokens ?? '8'),
    outputTokens: parseLengthSpec(load.outputTokens ?? '4'),
    dataset,
    seed: 42,
    salt: 'level',
  };
  const plan =
    load.rateRps === null
      ? planClosedLevel({ ...common, maxConcurrency: load.maxConcurrency ?? 1 })
      : planOpenLevel({
          ...common,
          rateRps: load.rateRps,
          arrival: parseArrival(load.arrival ?? 'poisson'),
        });
  const measured = measureLevel(
    {
      clock,
      sender: createVirtualSender(spec, clock),
      originUs: clock.nowUs(),
      runId: 'virtual',
      seed: 42,
      slo: null,
      ...(load.resamples !== undefined && { resamples: load.resamples }),
      maxErrorShare: 0.01,
      lengthEnforced: true,
      quickLook: false,
      allowClientBottleneck: false,
      signal: new AbortController().signal,
      emit: () => {},
      resolveTokens: () =>
        Promise.resolve({ source: null, requestsChecked: 0, disagreement: null, changed: [] }),
      onRecord: () => {},
      onLevel: () => Promise.resolve(),
    },
    plan,
    0,
    1,
  );
  return clock.drive(measured);
}
