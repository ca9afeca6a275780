import { BenchError, isBenchError } from '../core/index.ts';
import { formatRate, type LevelPlan, type LevelSummary, type SweepResult } from '../model/index.ts';
import { type Conduct, conductLevel, lengthOf, searchLengthOf } from './conduct.ts';
import { slosOf } from './context.ts';
import { doubtsOf, findKnees, isUnfit, whyLevelFails } from './find-knees.ts';
import { probeLoad } from './probe-capacity.ts';
import { describeCapacity } from './quick-look.ts';

/** The methodology article's ladder, requests per second. */
export const articleRates = [1, 2, 5, 8, 10, 15, 20, 25, 30, 35, 40, 50];
/** Its stop rule where no SLO limits TTFT, milliseconds at p99. */
const articleTtftMs = 10_000;

/** The given rates, in ascending order. */
export async function sweepRates(conduct: Conduct, rates: readonly number[]): Promise<void> {
  const sorted = [...rates].sort((a, b) => a - b);
  const levels: LevelSummary[] = [];
  let stopped = 'every rate was measured';
  for (const rateRps of sorted) {
    const level = await measureRate(conduct, 'rates', rateRps, sorted.length);
    if (level === null) {
      stopped = whyStopped(conduct);
      break;
    }
    levels.push(level);
  }
  // One level is no sweep: there is no order to find a knee in.
  if (sorted.length > 1) concludeSweep(conduct, 'rates', stopped, levels);
}

/**
 * The article's ladder. It ends behind the first level whose TTFT p99 is over the SLO (over 10 s
 * where no SLO limits TTFT), or that fell behind: every higher one would, too.
 */
export async function sweepArticle(conduct: Conduct): Promise<void> {
  const limitsMs = slosOf(conduct.context).flatMap(({ ttftMs }) => ttftMs ?? []);
  const limitMs = Math.min(articleTtftMs, ...limitsMs);
  const levels: LevelSummary[] = [];
  let stopped = 'the ladder was climbed to its end';
  for (const rateRps of articleRates) {
    const level = await measureRate(conduct, 'article', rateRps, articleRates.length);
    if (level === null) {
      stopped = whyStopped(conduct);
      break;
    }
    levels.push(level);
    const reason = articleStop(level, limitMs);
    if (reason === null) continue;
    stopped = `${reason} at ${formatRate(rateRps)} req/s`;
    break;
  }
  concludeSweep(conduct, 'article', stopped, levels);
}

function articleStop(level: LevelSummary, limitMs: number): string | null {
  const { values } = level.metrics;
  if (!(Number(values['requests_ok']) > 0)) return 'no request succeeded';
  // Too few requests have no p99: their slowest then decides, and it is said so.
  const stat = values['ttft_p99_ms'] == null ? 'max' : 'p99';
  const ttftMs = values[`ttft_${stat}_ms`];
  if (typeof ttftMs === 'number' && ttftMs > limitMs) {
    return `TTFT ${stat} was ${Number(ttftMs.toPrecision(3))} ms, over ${limitMs} ms,`;
  }
  return level.keepingUp?.verdict === 'falls-behind' ? 'the server fell behind' : null;
}

/**
 * The highest rate that meets every SLO and keeps up: doubles from a low start until a level fails
 * (halves where the start fails), then bisects, in ratios, until the ends of the bracket differ by
 * less than the tolerance or the probes are used up. Rates are powers of two and points between, so
 * that a repeated search asks for the same ones whatever its capacity probe said.
 */
export async function sweepAuto(conduct: Conduct, startRps: number): Promise<void> {
  const { maxProbes, tolerance } = conduct.settings;
  const slos = slosOf(conduct.context);
  const levels: LevelSummary[] = [];
  let pass: number | null = null;
  let fail: number | null = null;
  let rate = startRps;
  let failedLevel: LevelSummary | null = null;
  let unfit = 0;
  let stopped = `all ${maxProbes} probes were used`;
  while (levels.length < maxProbes) {
    const level = await measureRate(conduct, 'auto', rate, maxProbes);
    if (level === null) {
      stopped = whyStopped(conduct);
      break;
    }
    levels.push(level);
    const why = whyLevelFails(level, slos);
    if (why === null) pass = rate;
    else fail = rate;
    if (why !== null) failedLevel = level;
    unfit = why === 'invalid' ? unfit + 1 : 0;
    if (pass === null && unfit === maxUnfit) {
      stopped = `not even ${formatRate(rate)} req/s can be judged (${doubtsOf(level)}), for a reason that is not the server's`;
      break;
    }
    if (pass !== null && fail !== null && fail / pass <= 1 + tolerance) {
      stopped = `the bracket is narrower than ${Math.round(100 * tolerance)} %`;
      // What the server does above the last level that passes is then not known.
      if (failedLevel !== null && isUnfit(failedLevel)) {
        stopped += `; its upper end, ${formatRate(fail)} req/s, cannot be judged (${doubtsOf(failedLevel)})`;
      }
      break;
    }
    if (!(Number(level.metrics.values['requests_ok']) > 0)) {
      const overloaded = level.keepingUp?.verdict === 'falls-behind';
      if (!overloaded) {
        stopped = `no request succeeded at ${formatRate(rate)} req/s`;
        break;
      }
    }
    if (pass === null && rate <= startRps / 2 ** maxHalvings) {
      stopped = `not even ${formatRate(rate)} req/s passes`;
      break;
    }
    rate = nextRate(pass, fail);
  }
  concludeSweep(conduct, 'auto', stopped, levels);
}

/** How far below its start a search looks for a level that passes. */
const maxHalvings = 5;
/** Levels in a row that cannot be judged, before any that can: a lower rate does not help. */
const maxUnfit = 2;

function nextRate(pass: number | null, fail: number | null): number {
  if (fail === null) return 2 * (pass as number);
  if (pass === null) return fail / 2;
  return Number(Math.sqrt(pass * fail).toPrecision(5));
}

/**
 * Where a search begins: the power of two at or below the capacity that one burst of requests
 * shows. A level far below the knee takes as long as several near it, and tells less.
 *
 * @throws BenchError TARGET_ALL_FAILED
 */
export async function startOfSearch(conduct: Conduct, inFlight: number): Promise<number> {
  const { capacityRps } = await probeCapacity(conduct, inFlight);
  return 2 ** Math.floor(Math.log2(capacityRps));
}

/** One burst of `inFlight` requests at once. @throws BenchError TARGET_ALL_FAILED */
export async function probeCapacity(
  { context, planner }: Pick<Conduct, 'context' | 'planner'>,
  inFlight: number,
): Promise<{ capacityRps: number; serviceS: number }> {
  context.emit({
    kind: 'phase',
    name: 'capacity',
    message: `one burst of ${inFlight} requests at once`,
  });
  const length = { requests: inFlight, durationS: null, salt: `burst ${inFlight}` };
  const plan = planner.closed(inFlight, length);
  const probe = await probeLoad(context, plan, `burst${inFlight}`);
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

type Kind = SweepResult['kind'];

function measureRate(
  conduct: Conduct,
  kind: Kind,
  rateRps: number,
  levels: number,
): Promise<LevelSummary | null> {
  const auto = kind === 'auto';
  const length = auto ? searchLengthOf(conduct, rateRps) : lengthOf(conduct);
  const plan = conduct.planner.open(rateRps, { ...length, salt: `rate ${rateRps}` });
  const role = kind === 'rates' ? 'level' : 'sweep';
  if (kind !== 'rates') sayLength(conduct, plan);
  const stopOverload = kind !== 'rates';
  return conductLevel(conduct, plan, { role, levels, stopOverload, extend: auto });
}

/** How long a level of a search takes follows from a rate that nobody gave. */
function sayLength({ context }: Conduct, { load, durationUs, countedRequests }: LevelPlan): void {
  const seconds = durationUs === null ? countedRequests / (load.rateRps ?? 1) : durationUs / 1e6;
  const length = seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
  context.emit({
    kind: 'log',
    message: `search: ${formatRate(load.rateRps ?? 0)} req/s, about ${length} and what it takes to settle`,
  });
}

function whyStopped({ context }: Conduct): string {
  const { reason } = context.signal;
  const atBudget = isBenchError(reason) && reason.code === 'BUDGET_REACHED';
  return atBudget ? 'the budget was reached' : 'interrupted';
}

function concludeSweep(
  conduct: Conduct,
  kind: Kind,
  stopped: string,
  levels: readonly LevelSummary[],
): void {
  const slos = slosOf(conduct.context);
  const indexes = levels.map(({ index }) => index);
  conduct.method.sweep = { kind, stopped, levels: indexes, knees: findKnees(levels, slos) };
  conduct.context.emit({ kind: 'log', message: `search ended: ${stopped}` });
}
