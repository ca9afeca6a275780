import type { Clock } from '../../src/core/index.ts';
import type { SloTemplate } from '../../src/model/index.ts';
import {
  type Conduct,
  type ConductPorts,
  createConduct,
  defaultMethod,
  type MethodSettings,
  type Planner,
  type ProtocolContext,
} from '../../src/protocols/index.ts';
import {
  createVirtualClock,
  createVirtualSender,
  type SimSpecInput,
  type VirtualClock,
} from '../../src/sim/index.ts';
import {
  type LoadedDataset,
  parseArrival,
  parseLengthSpec,
  planClosedLevel,
  planOpenLevel,
} from '../../src/workload/index.ts';

/** No text at all: the virtual server then counts prompt tokens as the plan says. */
const blank: LoadedDataset = {
  id: 'blank',
  hash: '',
  describe: 'blank',
  rows: null,
  source: { source: 'generated', revision: null, sha256: null, rule: 'none' },
  promptText: () => '',
};

export interface VirtualMethod {
  spec: SimSpecInput;
  seed?: number;
  slos?: readonly SloTemplate[];
  settings?: Partial<MethodSettings>;
  ports?: ConductPorts;
  outputTokens?: string;
  arrival?: string;
  /** Cap on requests in flight of an open loop. */
  maxInFlight?: number;
  resamples?: number;
  signal?: AbortSignal;
  clock?: VirtualClock;
}

/** Plans of one workload: 8 prompt tokens, no text. */
export function virtualPlanner(
  seed: number,
  outputTokens = '4',
  arrival = 'poisson',
  maxInFlight: number | null = null,
): Planner {
  const common = (length: { requests: number | null; durationS: number | null; salt: string }) => ({
    load: {
      kind: 'open' as const,
      rateRps: null,
      concurrencyAsked: null,
      maxConcurrency: maxInFlight,
      arrival: null,
    },
    requests: length.requests,
    durationS: length.durationS,
    inputTokens: parseLengthSpec('8'),
    outputTokens: parseLengthSpec(outputTokens),
    dataset: blank,
    seed,
    salt: length.salt,
  });
  return {
    open: (rateRps, length) =>
      planOpenLevel({ ...common(length), rateRps, arrival: parseArrival(arrival) }),
    closed: (callers, length) => planClosedLevel({ ...common(length), maxConcurrency: callers }),
  };
}

/** A context on the virtual clock; nothing of it is stored. */
export function virtualContext(
  clock: Clock,
  options: Pick<VirtualMethod, 'seed' | 'slos' | 'signal' | 'resamples'>,
): ProtocolContext {
  const slos = options.slos ?? [];
  return {
    clock,
    originUs: clock.nowUs(),
    runId: 'virtual',
    seed: options.seed ?? 42,
    slo: slos[0] ?? null,
    slos,
    resamples: options.resamples ?? 20,
    maxErrorShare: 0.01,
    lengthEnforced: true,
    quickLook: false,
    allowClientBottleneck: false,
    signal: options.signal ?? new AbortController().signal,
    emit: () => {},
    resolveTokens: () =>
      Promise.resolve({ source: null, requestsChecked: 0, disagreement: null, changed: [] }),
    onRecord: () => {},
    onLevel: () => Promise.resolve(),
  };
}

/** The protocols of `bench run` on the virtual clock, against a simulated server. */
export async function conductVirtually(
  options: VirtualMethod,
  work: (conduct: Conduct, clock: VirtualClock) => Promise<unknown>,
): Promise<Conduct> {
  const clock = options.clock ?? createVirtualClock({ startUs: 5_000_000 });
  const conduct = createConduct({
    context: {
      ...virtualContext(clock, options),
      sender: createVirtualSender(options.spec, clock),
    },
    planner: virtualPlanner(
      options.seed ?? 42,
      options.outputTokens,
      options.arrival,
      options.maxInFlight,
    ),
    settings: { ...defaultMethod, ...options.settings },
    ...(options.ports && { ports: options.ports }),
  });
  await clock.drive(work(conduct, clock));
  return conduct;
}
