import { BenchError, createRng } from '../core/index.ts';
import type { ArrivalSpec, LevelPlan, LoadSpec, PlannedRequest } from '../model/index.ts';
import { formatArrival } from '../model/index.ts';
import { createGaps } from './arrivals/registry.ts';
import { createRecipes, type LoadedDataset } from './datasets/dataset.ts';
import { createPairSampler } from './length-pairs.ts';
import { formatLengthSpec, type LengthSpec } from './lengths.ts';
import { hashPlan } from './plan-hash.ts';

/**
 * `countedRequests` of a closed loop that only a duration limits: how many requests are sent then
 * depends on the replies.
 */
export const unboundedRequests = Number.MAX_SAFE_INTEGER;

const largestPlan = 100_000_000;

export interface LevelPlanOptions {
  load: LoadSpec;
  /** Most requests that are counted; null = as many as the duration holds. */
  requests: number | null;
  /** Length of the counted window, seconds; null = until `requests` were sent. */
  durationS: number | null;
  inputTokens: LengthSpec;
  outputTokens: LengthSpec;
  /** Most tokens of prompt and output together: longer ones are drawn again. Absent: no limit. */
  fitTokens?: number | null;
  dataset: LoadedDataset;
  /** The run's seed: arrivals and lengths follow from it alone, alike at every level. */
  seed: number;
  /** Tells levels (and warm-ups, probes) apart: prompts follow from seed, salt and index. */
  salt: string | number;
}

export interface OpenLevelOptions extends LevelPlanOptions {
  arrival: ArrivalSpec;
  rateRps: number;
}

export interface ClosedLevelOptions extends LevelPlanOptions {
  maxConcurrency: number;
}

/**
 * Plans an open-loop level. Given both, whichever of `requests` and `durationS` is reached first
 * ends the counted window. Where no arrival falls inside the duration, the first one is counted
 * and the window reaches just past it.
 *
 * @throws BenchError USAGE_RATE, USAGE_NO_LENGTH, USAGE_REQUESTS, USAGE_DURATION, USAGE_PLAN_SIZE
 */
export function planOpenLevel(options: OpenLevelOptions): LevelPlan {
  const { rateRps, arrival } = options;
  requirePositive('USAGE_RATE', 'Rate', rateRps);
  requireSize(options);
  const nextGap = createGaps(arrival, createRng(options.seed, 'arrivals'));
  const intended = createColumn(createRunningSum(nextGap));
  const intendedUs = (index: number) => Math.round((intended(index) / rateRps) * 1e6);
  const asked = options.requests;
  let durationUs = options.durationS === null ? null : Math.round(options.durationS * 1e6);
  let counted = 0;
  if (durationUs === null) {
    counted = asked ?? 0;
  } else {
    if (rateRps * (durationUs / 1e6) > largestPlan) refuseSize(rateRps * (durationUs / 1e6));
    const limit = asked ?? Number.POSITIVE_INFINITY;
    while (counted < limit && intendedUs(counted) < durationUs) counted++;
    if (counted === limit) durationUs = null;
    else if (counted === 0) {
      counted = 1;
      durationUs = intendedUs(0) + 1;
    }
  }
  const load: LoadSpec = {
    ...options.load,
    kind: 'open',
    rateRps,
    arrival: formatArrival(arrival),
  };
  return finishPlan(options, load, counted, durationUs, intendedUs);
}

/**
 * Plans a closed-loop level: order, lengths and prompts; the moments follow from the replies. Given
 * both limits, the driver stops at whichever comes first; with a duration alone `countedRequests`
 * is `unboundedRequests`.
 *
 * @throws BenchError USAGE_CONCURRENCY, USAGE_NO_LENGTH, USAGE_REQUESTS, USAGE_DURATION, USAGE_PLAN_SIZE
 */
export function planClosedLevel(options: ClosedLevelOptions): LevelPlan {
  const { maxConcurrency } = options;
  requireWhole('USAGE_CONCURRENCY', 'Concurrency', maxConcurrency);
  requireSize(options);
  const load: LoadSpec = {
    ...options.load,
    kind: 'closed',
    rateRps: null,
    maxConcurrency,
    arrival: null,
  };
  const durationUs = options.durationS === null ? null : Math.round(options.durationS * 1e6);
  return finishPlan(options, load, options.requests ?? unboundedRequests, durationUs, () => null);
}

function finishPlan(
  options: LevelPlanOptions,
  load: LoadSpec,
  countedRequests: number,
  durationUs: number | null,
  intendedUs: (index: number) => number | null,
): LevelPlan {
  const { dataset, seed, salt, inputTokens: input, outputTokens: output } = options;
  const prefixTokens = dataset.prefix?.tokens ?? 0;
  const fitTokens = options.fitTokens ?? null;
  const fit = fitTokens === null ? null : fitTokens - prefixTokens;
  const lengths = createRows(createPairSampler({ input, output, fit }, seed));
  const recipe = createRecipes({ dataset, seed, salt });
  const at = (index: number): PlannedRequest => {
    const prompt = recipe(index);
    const row = prompt.row === null ? null : dataset.rows?.[prompt.row];
    return {
      index,
      intendedUs: intendedUs(index),
      inputTokens: row?.inputTokens ?? lengths(index).inputTokens + prefixTokens,
      outputTokens: row?.outputTokens ?? lengths(index).outputTokens,
      prompt,
    };
  };
  const plan = {
    load,
    seed,
    countedRequests,
    durationUs,
    at,
    promptText: (request: PlannedRequest) =>
      dataset.promptText(request.prompt, request.inputTokens),
    ...(dataset.messages && {
      messages: (request: PlannedRequest) => dataset.messages?.(request.prompt) ?? [],
    }),
  };
  // Everything that `at` depends on: two plans of one hash go on alike in the uncounted tail.
  const hash = hashPlan(plan, {
    dataset: { id: dataset.id, hash: dataset.hash },
    ...(dataset.rows && { rows: dataset.rows.filter((row) => row !== null).length }),
    inputTokens: formatLengthSpec(input),
    outputTokens: formatLengthSpec(output),
    ...(fitTokens !== null && { fitTokens }),
    ...(prefixTokens > 0 && { prefix: dataset.prefix }),
    salt: String(salt),
    tail: 'the same streams of gaps, lengths and recipes, without end',
  });
  return { ...plan, hash };
}

function createRunningSum(next: () => number): () => number {
  let sum = 0;
  return () => {
    sum += next();
    return sum;
  };
}

/** Random access into a stream: values are drawn once, in order, when first asked for. */
function createColumn(next: () => number): (index: number) => number {
  let values = new Float64Array(256);
  let length = 0;
  return (index) => {
    if (index >= values.length) {
      const larger = new Float64Array(Math.max(index + 1, values.length * 2));
      larger.set(values.subarray(0, length));
      values = larger;
    }
    while (length <= index) values[length++] = next();
    return values[index] ?? Number.NaN;
  };
}

/** The same for values that are not numbers. */
function createRows<T>(next: () => T): (index: number) => T {
  const values: T[] = [];
  return (index) => {
    while (values.length <= index) values.push(next());
    return values[index] as T;
  };
}

function requireSize({ requests, durationS }: LevelPlanOptions): void {
  if (requests === null && durationS === null) {
    throw new BenchError('USAGE_NO_LENGTH', 'A level needs a number of requests or a duration.', {
      hint: 'Add --requests N or --duration S.',
    });
  }
  if (requests !== null) requireWhole('USAGE_REQUESTS', 'Number of requests', requests);
  if (requests !== null && requests > largestPlan) refuseSize(requests);
  if (durationS !== null) requirePositive('USAGE_DURATION', 'Duration', durationS);
}

function refuseSize(requests: number): never {
  throw new BenchError(
    'USAGE_PLAN_SIZE',
    `A level of ${Math.round(requests)} requests is too large.`,
    {
      hint: `At most ${largestPlan} requests a level.`,
    },
  );
}

function requirePositive(code: string, what: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new BenchError(code, `${what} ${value} is not a number above 0.`, {
    hint: 'Give a number above 0.',
  });
}

function requireWhole(code: string, what: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new BenchError(code, `${what} ${value} is not a whole number of at least 1.`, {
    hint: 'Give 1, 2, 3, ...',
  });
}
