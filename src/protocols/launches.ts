import type {
  LaunchAggregate,
  LevelPlan,
  LevelRole,
  LevelSummary,
  LoadSpec,
} from '../model/index.ts';
import { studentTQuantile } from '../stats/index.ts';
import { type Conduct, conductLevel, lengthOf } from './conduct.ts';
import { slosOf } from './context.ts';
import { mainKnee } from './find-knees.ts';
import { warmUp } from './warm-up.ts';

/** A load that every further launch repeats. */
interface Repeated {
  role: LevelRole;
  load: LoadSpec;
  /** The level of the first launch. */
  first: LevelSummary;
}

/**
 * Starts the server again and again, each time with a seed of its own, and repeats on it what the
 * first launch came to: after a search the sustained run, and as long a run at both ends of the
 * bracket; else every level.
 *
 * @param inFlight of the warm-up
 */
export async function repeatLaunches(conduct: Conduct, inFlight: number): Promise<void> {
  const { settings, ports, method, context } = conduct;
  const { seed } = context;
  const repeated = loadsToRepeat(conduct);
  for (let launch = 2; launch <= settings.launches; launch++) {
    if (context.signal.aborted || ports.relaunch === undefined) return;
    const launchSeed = seed + launch - 1;
    context.emit({
      kind: 'phase',
      name: 'engine',
      message: `launch ${launch} of ${settings.launches}, seed ${launchSeed}`,
    });
    const started = await ports.relaunch(launch, launchSeed);
    conduct.launch = launch;
    conduct.launchFindings = [];
    conduct.context = { ...context, ...started.context, seed: launchSeed };
    conduct.planner = started.planner;
    const { readyMs, firstRequestMs } = started;
    const levels: number[] = [];
    method.launches.push({ launch, seed: launchSeed, readyMs, firstRequestMs, levels });
    await warmUp(conduct, inFlight);
    for (const one of repeated) {
      const plan = planRepeat(conduct, one);
      const level = await conductLevel(conduct, plan, { role: one.role });
      if (level === null) return;
      levels.push(level.index);
    }
  }
  method.acrossLaunches.push(...aggregateLaunches(conduct, repeated));
}

/** The first launch, as it stands when its levels are done. */
export function noteFirstLaunch(
  conduct: Conduct,
  coldStart: { readyMs: number | null; firstRequestMs: number | null },
): void {
  const levels = conduct.summaries.map(({ index }) => index);
  conduct.method.launches.push({ launch: 1, seed: conduct.context.seed, ...coldStart, levels });
}

function loadsToRepeat({ method, summaries, context }: Conduct): Repeated[] {
  const { sweep, sustained } = method;
  const at = (role: LevelRole, index: number | null | undefined): Repeated[] => {
    const first = summaries.find((level) => level.index === index);
    return first === undefined ? [] : [{ role, load: first.load, first }];
  };
  if (sweep === null || sweep.kind === 'rates') {
    const plain = summaries.filter(({ role }) => role === undefined || role === 'level');
    const levels = plain.flatMap(({ index }) => at('level', index));
    return [...levels, ...at('sustained', sustained?.level)];
  }
  const knee = mainKnee(sweep.knees, slosOf(context));
  const failed = summaries.find(
    (level) => level.role === 'sweep' && level.load.rateRps === knee?.failRps,
  );
  return [
    ...at('lower', knee?.level),
    ...at('sustained', sustained?.level),
    ...at('upper', failed?.index),
  ];
}

function planRepeat(conduct: Conduct, { role, load, first }: Repeated): LevelPlan {
  const { planner, method, launch } = conduct;
  const sustainedS = method.sustained?.durationS ?? null;
  // After a search all of its rates are run as long as the sustained run.
  const asked =
    sustainedS === null || role === 'level'
      ? lengthOf(conduct)
      : { requests: null, durationS: sustainedS };
  const salt = `launch ${launch} ${role} ${load.rateRps ?? load.maxConcurrency}`;
  if (load.kind === 'closed') return planner.closed(load.maxConcurrency ?? 1, { ...asked, salt });
  return planner.open(first.load.rateRps ?? 1, {
    ...asked,
    salt,
    ...(load.concurrencyAsked !== null && { concurrencyAsked: load.concurrencyAsked }),
  });
}

const metricsAcross = [
  ...['ttft', 'tpot', 'e2e', 'itl'].flatMap((metric) => [`${metric}_p50_ms`, `${metric}_p99_ms`]),
  'throughput_tok_s',
  'goodput_req_s',
  'goodput_tok_s',
];

/** Each metric at each repeated load: one value a launch, mean, and Student's t interval. */
function aggregateLaunches(conduct: Conduct, repeated: readonly Repeated[]): LaunchAggregate[] {
  const { summaries, method } = conduct;
  return repeated.flatMap(({ role, load, first }) => {
    const levels = method.launches.map(({ launch }) =>
      launch === 1
        ? first
        : summaries.find(
            (level) =>
              level.launch === launch &&
              level.role === role &&
              level.load.rateRps === load.rateRps &&
              level.load.maxConcurrency === load.maxConcurrency,
          ),
    );
    return metricsAcross.map((metric) => {
      const values = levels.map((level) => {
        const value = level?.valid ? level.metrics.values[metric] : null;
        return typeof value === 'number' ? value : null;
      });
      return { role, ...loadOf(load), metric, values, ...studentInterval(values) };
    });
  });
}

function loadOf({ kind, rateRps, maxConcurrency }: LoadSpec) {
  return kind === 'closed' ? { rateRps: null, maxConcurrency } : { rateRps };
}

/**
 * 95 %, over the launches that have a value. Where none of them is negative, none can be: the
 * interval then ends at 0.
 */
export function studentInterval(values: readonly (number | null)[]): {
  mean: number | null;
  low: number | null;
  high: number | null;
} {
  const given = values.filter((value) => value !== null);
  const n = given.length;
  if (n === 0) return { mean: null, low: null, high: null };
  const mean = given.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, low: null, high: null };
  const squares = given.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const half = studentTQuantile(0.975, n - 1) * Math.sqrt(squares / (n - 1) / n);
  const least = given.some((value) => value < 0) ? Number.NEGATIVE_INFINITY : 0;
  return { mean, low: Math.max(least, mean - half), high: mean + half };
}
