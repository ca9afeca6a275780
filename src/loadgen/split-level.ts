import type { LoadOptions } from '../driver/index.ts';
import type { LevelRun, LoadSpec, RequestRecord } from '../model/index.ts';
import type { WorkerLevel } from './messages.ts';

/** A closed loop that only a duration limits counts "as many as there are". */
const unbounded = 1e12;

/**
 * How many threads a plan can use: each needs a caller, a slot and a counted request of its own.
 * Under a budget one: who does not see everything that is sent cannot stop in time.
 */
export function threadsFor(
  { plan, budget }: Pick<LoadOptions, 'plan' | 'budget'>,
  threads: number,
): number {
  if (budget !== undefined) return 1;
  return Math.min(threads, plan.load.maxConcurrency ?? threads, plan.countedRequests);
}

/** Cuts a level into one part per thread: requests in turn, rate and slots in equal shares. */
export function splitLevel(options: LoadOptions, threads: number): WorkerLevel[] {
  const { plan } = options;
  return Array.from({ length: threads }, (_, offset) => ({
    level: options.level,
    idPrefix: options.idPrefix,
    originUs: options.originUs,
    tail: options.tail,
    stopRule: options.stopRule ?? null,
    budget: options.budget ?? null,
    load: shareOf(plan.load, offset, threads),
    seed: plan.seed,
    planHash: plan.hash,
    countedRequests:
      plan.countedRequests > unbounded
        ? plan.countedRequests
        : Math.ceil((plan.countedRequests - offset) / threads),
    durationUs: plan.durationUs,
    offset,
    stride: threads,
    allTexts: options.allTexts === true,
  }));
}

function shareOf(load: LoadSpec, offset: number, threads: number): LoadSpec {
  const { rateRps, maxConcurrency } = load;
  return {
    ...load,
    rateRps: rateRps === null ? null : rateRps / threads,
    maxConcurrency: maxConcurrency === null ? null : Math.ceil((maxConcurrency - offset) / threads),
  };
}

/** The level as if one thread had run it. */
export function joinRuns(
  options: LoadOptions,
  runs: readonly Omit<LevelRun, 'records'>[],
  records: readonly RequestRecord[],
): LevelRun {
  const of = (key: 'windowStartUs' | 'windowEndUs' | 'startUs' | 'endUs') =>
    runs.map((r) => r[key]);
  return {
    index: options.level,
    load: options.plan.load,
    startUs: Math.min(...of('startUs')),
    windowStartUs: Math.min(...of('windowStartUs')),
    windowEndUs: Math.max(...of('windowEndUs')),
    endUs: Math.max(...of('endUs')),
    planHash: options.plan.hash,
    requestsPlanned: runs.reduce((sum, run) => sum + run.requestsPlanned, 0),
    status: runs.every((run) => run.status === 'complete') ? 'complete' : 'partial',
    records: records.toSorted((x, y) => x.index - y.index),
    findings: runs.flatMap((run) => run.findings),
  };
}

/** A level that was interrupted while its first bodies were made. */
export function neverStarted({ plan, level, originUs }: LoadOptions, nowUs: number): LevelRun {
  const atUs = Math.round(nowUs - originUs);
  return {
    index: level,
    load: plan.load,
    startUs: atUs,
    windowStartUs: atUs,
    windowEndUs: atUs,
    endUs: atUs,
    planHash: plan.hash,
    requestsPlanned:
      plan.durationUs !== null && plan.load.kind === 'closed' ? 0 : plan.countedRequests,
    status: 'partial',
    records: [],
    findings: [],
  };
}
