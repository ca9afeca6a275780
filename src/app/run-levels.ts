import { BenchError } from '../core/index.ts';
import {
  type ArrivalSpec,
  type Finding,
  formatRate,
  type LevelPlan,
  type LevelRun,
  type LevelSummary,
  type LoadSpec,
} from '../model/index.ts';
import {
  calibrateConcurrency,
  describeCapacity,
  type LoadProbe,
  measureLevel,
  type ProtocolContext,
  probeLoad,
  sizeQuickLook,
} from '../protocols/index.ts';
import {
  type LengthSpec,
  type LoadedDataset,
  planClosedLevel,
  planOpenLevel,
} from '../workload/index.ts';
import type { RunSettings } from './settings.ts';

export interface LevelsInput {
  context: ProtocolContext;
  settings: RunSettings;
  dataset: LoadedDataset;
  arrival: ArrivalSpec;
  inputTokens: LengthSpec;
  outputTokens: LengthSpec;
  /** Requests that the server works on at once; null = it does not say. */
  slots: number | null;
  /** Quick look: when the whole command should be over, on the context's clock. */
  deadlineUs: number;
  onPlan(plan: LevelPlan, level: number): Promise<void>;
}

export interface LevelsResult {
  runs: LevelRun[];
  summaries: LevelSummary[];
  findings: Finding[];
}

/** Rendering and writing the report of a quick look. */
const reportReserveS = 4;
/** In flight for the capacity burst where the server does not say how many slots it has. */
const assumedSlots = 4;

/** Warm-up, then whatever it takes to find the levels, then the levels in ascending order. */
export async function runLevels(input: LevelsInput): Promise<LevelsResult> {
  const { settings } = input;
  const result: LevelsResult = { runs: [], summaries: [], findings: [] };
  const alone = await warmUp(input);
  if (settings.rate !== null) await runRates(input, result, settings.rate.map(ratePlan(input)));
  else if (settings.concurrency !== null) await runConcurrency(input, result, alone);
  else if (settings.maxConcurrency !== null) await runClosed(input, result);
  else await runQuickLook(input, result, alone);
  return result;
}

async function warmUp(input: LevelsInput): Promise<LoadProbe | null> {
  const requests = input.settings.warmupRequests;
  if (requests === 0) return null;
  const { context } = input;
  context.emit({
    kind: 'phase',
    name: 'warm-up',
    message: `${requests} discarded ${requests === 1 ? 'request' : 'requests'}, one at a time`,
  });
  const probe = await probeLoad(context, closedPlan(input, 1, requests, 'warm-up'), 'warmup');
  if (probe.failed > 0) {
    context.emit({
      kind: 'log',
      message: `${probe.failed} of ${requests} warm-up requests failed (${probe.error})`,
    });
  }
  return probe;
}

async function runQuickLook(
  input: LevelsInput,
  result: LevelsResult,
  alone: LoadProbe | null,
): Promise<void> {
  const { context, settings } = input;
  const inFlight = 2 * (input.slots ?? assumedSlots);
  const burst = await burstCapacity(input, inFlight);
  const remainingS = (input.deadlineUs - context.clock.nowUs()) / 1e6 - reportReserveS;
  const levels = sizeQuickLook({
    remainingS,
    capacityRps: burst.capacityRps,
    meanServiceS: Math.max(burst.serviceS / 2, alone?.meanServiceS ?? 0),
  });
  result.findings.push({
    code: 'quick-look',
    severity: 'info',
    message: `no load was given, so this is a quick look sized for --time-budget ${settings.timeBudget} s: ${levels.length} short ${levels.length === 1 ? 'level' : 'levels'} at shares of a capacity of about ${formatRate(burst.capacityRps)} req/s. For numbers to quote, give --rate and --duration.`,
  });
  await runRates(
    input,
    result,
    levels.map(({ rateRps, requests }) => ({
      plan: openPlan(input, { rateRps, requests, durationS: null }),
      findings: [],
    })),
  );
}

interface ReadyLevel {
  plan: LevelPlan;
  findings: Finding[];
}

const ratePlan =
  (input: LevelsInput) =>
  (rateRps: number): ReadyLevel => ({
    plan: openPlan(input, { rateRps, ...lengthOf(input.settings) }),
    findings: [],
  });

async function runRates(
  input: LevelsInput,
  result: LevelsResult,
  levels: readonly ReadyLevel[],
): Promise<void> {
  for (const [index, level] of levels.entries()) {
    if (!(await runOne(input, result, level.plan, index, levels.length, level.findings))) return;
  }
}

async function runClosed(input: LevelsInput, result: LevelsResult): Promise<void> {
  const levels = input.settings.maxConcurrency ?? [];
  const { requests, durationS } = lengthOf(input.settings);
  for (const [index, callers] of levels.entries()) {
    const plan = closedPlan(input, callers, requests, `level ${index}`, durationS);
    if (!(await runOne(input, result, plan, index, levels.length, []))) return;
  }
}

async function runConcurrency(
  input: LevelsInput,
  result: LevelsResult,
  alone: LoadProbe | null,
): Promise<void> {
  const { context, settings } = input;
  const levels = settings.concurrency ?? [];
  for (const [index, asked] of levels.entries()) {
    context.emit({
      kind: 'phase',
      name: 'calibrate',
      message: `rate that keeps ${asked} in flight on average`,
    });
    const burst = await burstCapacity(input, Math.max(1, Math.ceil(2 * asked)));
    const probeRequests = Math.max(20, Math.ceil(5 * asked));
    let probes = 0;
    const found = await calibrateConcurrency(
      {
        asked,
        capacityRps: burst.capacityRps,
        aloneS: alone?.meanServiceS ?? burst.serviceS,
        burstS: burst.serviceS,
      },
      (rateRps) => {
        probes += 1;
        const plan = openPlan(input, {
          rateRps,
          requests: probeRequests,
          durationS: null,
          salt: `calibrate ${index} ${probes}`,
        });
        return probeLoad(context, plan, `calibrate${index}-${probes}`);
      },
    );
    const findings: Finding[] = [];
    if (!found.reachable) {
      findings.push({
        code: 'concurrency-unreachable',
        severity: 'warning',
        message: `${asked} requests in flight on average would need more than 95 % of the capacity (${formatRate(burst.capacityRps)} req/s); measured at 90 % of it instead. An open loop beyond that only grows a queue: use --max-concurrency ${asked} for a closed loop.`,
      });
    }
    const plan = openPlan(input, {
      rateRps: Number(found.rateRps.toPrecision(4)),
      concurrencyAsked: asked,
      ...lengthOf(settings),
    });
    if (!(await runOne(input, result, plan, index, levels.length, findings))) return;
  }
}

async function runOne(
  input: LevelsInput,
  result: LevelsResult,
  plan: LevelPlan,
  index: number,
  levels: number,
  findings: readonly Finding[],
): Promise<boolean> {
  const { context } = input;
  if (context.signal.aborted) return false;
  await input.onPlan(plan, index);
  const { run, summary } = await measureLevel(context, plan, index, levels, findings);
  result.runs.push(run);
  result.summaries.push(summary);
  return !context.signal.aborted;
}

async function burstCapacity(
  input: LevelsInput,
  inFlight: number,
): Promise<{ capacityRps: number; serviceS: number }> {
  const { context } = input;
  context.emit({
    kind: 'phase',
    name: 'capacity',
    message: `one burst of ${inFlight} requests at once`,
  });
  const name = `burst ${inFlight}`;
  const probe = await probeLoad(
    context,
    closedPlan(input, inFlight, inFlight, name),
    `burst${inFlight}`,
  );
  context.emit({ kind: 'log', message: describeCapacity(probe) });
  if (probe.completedRps === null || probe.meanServiceS === null) {
    throw new BenchError(
      'TARGET_ALL_FAILED',
      `None of ${inFlight} requests sent at once succeeded (${probe.error ?? 'no reply'}).`,
      { hint: 'Try one load you know to work, for example --rate 1 --requests 5.' },
    );
  }
  return { capacityRps: probe.completedRps, serviceS: probe.meanServiceS };
}

function lengthOf(settings: RunSettings): { requests: number | null; durationS: number | null } {
  const given = settings.requests !== null || settings.duration !== null;
  return { requests: settings.requests, durationS: given ? settings.duration : defaultDurationS };
}

/** The article's minimum per level. */
const defaultDurationS = 60;

const noLoad: LoadSpec = {
  kind: 'open',
  rateRps: null,
  concurrencyAsked: null,
  maxConcurrency: null,
  arrival: null,
};

function openPlan(
  input: LevelsInput,
  level: {
    rateRps: number;
    requests: number | null;
    durationS: number | null;
    concurrencyAsked?: number;
    salt?: string;
  },
): LevelPlan {
  const { settings } = input;
  const load: LoadSpec = {
    ...noLoad,
    concurrencyAsked: level.concurrencyAsked ?? null,
    maxConcurrency: settings.maxConcurrency?.[0] ?? null,
  };
  return planOpenLevel({
    load,
    arrival: input.arrival,
    rateRps: level.rateRps,
    requests: level.requests,
    durationS: level.durationS,
    inputTokens: input.inputTokens,
    outputTokens: input.outputTokens,
    dataset: input.dataset,
    seed: settings.seed,
    salt: level.salt ?? `rate ${level.rateRps}`,
  });
}

function closedPlan(
  input: LevelsInput,
  callers: number,
  requests: number | null,
  salt: string,
  durationS: number | null = null,
): LevelPlan {
  return planClosedLevel({
    load: { ...noLoad, kind: 'closed' },
    maxConcurrency: callers,
    requests,
    durationS,
    inputTokens: input.inputTokens,
    outputTokens: input.outputTokens,
    dataset: input.dataset,
    seed: input.settings.seed,
    salt,
  });
}
