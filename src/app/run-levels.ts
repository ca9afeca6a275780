import { type Finding, formatRate, type LevelPlan, type RunMethod } from '../model/index.ts';
import {
  type Conduct,
  type ConductPorts,
  calibrateConcurrency,
  conductLevel,
  createConduct,
  type LoadProbe,
  lengthOf,
  noteFirstLaunch,
  type Planner,
  type ProtocolContext,
  probeCapacity,
  probeLoad,
  repeatLaunches,
  sizeQuickLook,
  startOfSearch,
  sustain,
  sweepArticle,
  sweepAuto,
  sweepRates,
  warmUp,
} from '../protocols/index.ts';
import { methodOf } from './method-settings.ts';
import { isQuickLook } from './run-state.ts';
import type { RunSettings } from './settings.ts';

export interface LevelsInput {
  context: ProtocolContext;
  settings: RunSettings;
  planner: Planner;
  ports: ConductPorts;
  /** Requests that the server works on at once; null = it does not say. */
  slots: number | null;
  coldStart: { readyMs: number | null; firstRequestMs: number | null };
  /** Quick look: when the whole command should be over, on the context's clock. */
  deadlineUs: number;
  /** What the run has come to so far; called as it goes, an interrupted run keeps it. */
  onProgress(method: RunMethod, findings: readonly Finding[]): void;
}

/** Rendering and writing the report of a quick look. */
const reportReserveS = 4;
/** In flight for the capacity burst where the server does not say how many slots it has. */
const assumedSlots = 4;

/**
 * Warm-up and gate, then whatever it takes to find the levels, then the levels in ascending order,
 * the sustained run, and the other launches.
 */
export async function runLevels(input: LevelsInput): Promise<void> {
  const { context, settings, planner, ports } = input;
  const conduct = createConduct({ context, planner, settings: methodOf(settings), ports });
  input.onProgress(conduct.method, conduct.findings);
  if (isQuickLook(settings)) return runQuickLook(input, conduct);

  const inFlight = expectedInFlight(input);
  const aloneS = await warmUp(conduct, inFlight);
  if (settings.sweep === 'article') await sweepArticle(conduct);
  else if (settings.sweep === 'auto') {
    await sweepAuto(conduct, await startOfSearch(conduct, 2 * (input.slots ?? assumedSlots)));
  } else if (settings.rate !== null) await sweepRates(conduct, settings.rate);
  else if (settings.concurrency !== null) await runConcurrency(conduct, settings, aloneS);
  else await runClosed(conduct, settings.maxConcurrency ?? []);

  if (settings.sustained !== null && !context.signal.aborted) {
    await sustain(conduct, settings.sustained);
  }
  noteFirstLaunch(conduct, input.coldStart);
  if (settings.launches > 1) await repeatLaunches(conduct, inFlight);
}

/** The most in flight that the run will have, as far as its settings tell. */
function expectedInFlight({ settings, slots }: LevelsInput): number {
  const { rate, sweep, concurrency, maxConcurrency } = settings;
  const cap = maxConcurrency === null ? Number.POSITIVE_INFINITY : Math.max(...maxConcurrency);
  if (concurrency !== null) return Math.min(cap, Math.ceil(Math.max(...concurrency)));
  if (rate === null && sweep === null) return cap;
  return Math.min(cap, slots ?? assumedSlots);
}

async function runQuickLook(input: LevelsInput, conduct: Conduct): Promise<void> {
  const { context, settings } = input;
  const alone = await warmAlone(conduct);
  const burst = await probeCapacity(conduct, 2 * (input.slots ?? assumedSlots));
  const remainingS = (input.deadlineUs - context.clock.nowUs()) / 1e6 - reportReserveS;
  const levels = sizeQuickLook({
    remainingS,
    capacityRps: burst.capacityRps,
    meanServiceS: Math.max(burst.serviceS / 2, alone?.meanServiceS ?? 0),
  });
  conduct.findings.push({
    code: 'quick-look',
    severity: 'info',
    message: `no load was given, so this is a quick look sized for --time-budget ${settings.timeBudget} s: ${levels.length} short ${levels.length === 1 ? 'level' : 'levels'} at shares of a capacity of about ${formatRate(burst.capacityRps)} req/s. For numbers to quote, give --rate and --duration.`,
  });
  for (const { rateRps, requests } of levels) {
    const length = { requests, durationS: null, salt: `rate ${rateRps}` };
    const plan = conduct.planner.open(rateRps, length);
    if ((await conductLevel(conduct, plan, { levels: levels.length })) === null) return;
  }
}

/** A few requests one at a time: warms a little, and tells what one takes alone. */
async function warmAlone({ context, planner, settings }: Conduct): Promise<LoadProbe | null> {
  const requests = settings.warmupRequests ?? 3;
  if (requests === 0 || settings.warmupRuns === 0) return null;
  context.emit({
    kind: 'phase',
    name: 'warm-up',
    message: `${requests} discarded ${requests === 1 ? 'request' : 'requests'}, one at a time`,
  });
  const plan = planner.closed(1, { requests, durationS: null, salt: 'warm-up' });
  const probe = await probeLoad(context, plan, 'warmup');
  if (probe.failed > 0) {
    context.emit({
      kind: 'log',
      message: `${probe.failed} of ${requests} warm-up requests failed (${probe.error})`,
    });
  }
  return probe;
}

async function runClosed(conduct: Conduct, callers: readonly number[]): Promise<void> {
  const ascending = [...callers].sort((a, b) => a - b);
  for (const [index, inFlight] of ascending.entries()) {
    const salt = `level ${index}`;
    const plan = conduct.planner.closed(inFlight, { ...lengthOf(conduct), salt });
    if ((await conductLevel(conduct, plan, { levels: callers.length })) === null) return;
  }
}

async function runConcurrency(
  conduct: Conduct,
  settings: RunSettings,
  warmS: number | null,
): Promise<void> {
  const { context, planner } = conduct;
  const levels = [...(settings.concurrency ?? [])].sort((a, b) => a - b);
  const aloneS = warmS ?? (await timeAlone(conduct));
  for (const [index, asked] of levels.entries()) {
    context.emit({
      kind: 'phase',
      name: 'calibrate',
      message: `rate that keeps ${asked} in flight on average`,
    });
    const burst = await probeCapacity(conduct, Math.max(1, Math.ceil(2 * asked)));
    const requests = Math.max(20, Math.ceil(5 * asked));
    let probes = 0;
    const found = await calibrateConcurrency(
      {
        asked,
        capacityRps: burst.capacityRps,
        aloneS: aloneS ?? burst.serviceS,
        burstS: burst.serviceS,
      },
      (rateRps) => {
        probes += 1;
        const salt = `calibrate ${index} ${probes}`;
        const plan = planner.open(rateRps, { requests, durationS: null, salt });
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
    const rateRps = Number(found.rateRps.toPrecision(4));
    const plan: LevelPlan = planner.open(rateRps, {
      ...lengthOf(conduct),
      concurrencyAsked: asked,
      salt: `rate ${rateRps}`,
    });
    const level = await conductLevel(conduct, plan, { levels: levels.length, findings });
    if (level === null) return;
  }
}

/** Seconds of one request alone, where no gate has told; null without any warm-up. */
async function timeAlone({ context, planner, settings }: Conduct): Promise<number | null> {
  if (settings.warmupRequests === 0 || settings.warmupRuns === 0) return null;
  const plan = planner.closed(1, { requests: 3, durationS: null, salt: 'alone' });
  return (await probeLoad(context, plan, 'alone')).meanServiceS;
}
