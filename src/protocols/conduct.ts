import { sleepMs } from '../core/index.ts';
import type {
  Finding,
  GateOutcome,
  LevelPlan,
  LevelRole,
  LevelRun,
  LevelSummary,
  RunMethod,
} from '../model/index.ts';
import { type ProtocolContext, slosOf } from './context.ts';
import { requestsToProve } from './judge-slos.ts';
import { leadInLimitS } from './lead-in.ts';
import { type MeasureOptions, measureLevel, summarizeRun } from './measure-level.ts';
import { levelDurationS, type MethodSettings } from './method-settings.ts';
import type { PlanLength, Planner } from './planner.ts';

/** What the world has to offer a run beyond its load. */
export interface ConductPorts {
  /** A level is about to be measured. */
  onPlan?(plan: LevelPlan, level: number): Promise<void>;
  /** The level of an interrupted run that had this plan; null = measure it. */
  reuse?(planHash: string, index: number): ReusedLevel | null;
  /** Starts the server anew; absent where nothing here can. */
  relaunch?(launch: number, seed: number): Promise<Launched>;
}

/** A level that was measured before, as level `index` of this run, its records too. */
export interface ReusedLevel {
  run: LevelRun;
  leadIn: GateOutcome | null;
}

/** A server started anew, and how to reach it. */
export interface Launched {
  readyMs: number | null;
  firstRequestMs: number | null;
  /** Parts of the context that differ: sender, runLevel, prepare. */
  context: Partial<ProtocolContext>;
  /** The same workload with the launch's seed. */
  planner: Planner;
}

/** A run under way: what it is made with, and what it has come to so far. */
export interface Conduct {
  /** Of the launch under way. */
  context: ProtocolContext;
  planner: Planner;
  readonly settings: MethodSettings;
  readonly ports: ConductPorts;
  launch: number;
  readonly runs: LevelRun[];
  readonly summaries: LevelSummary[];
  readonly findings: Finding[];
  readonly method: RunMethod;
  /** Held against every level of the launch: a server that was not warm. */
  launchFindings: Finding[];
  /** False once a whole piece of warm-up came to nothing: no time is spent on waiting any more. */
  answers: boolean;
}

export interface ConductOptions {
  context: ProtocolContext;
  planner: Planner;
  settings: MethodSettings;
  ports?: ConductPorts;
}

export function createConduct({ context, planner, settings, ports = {} }: ConductOptions): Conduct {
  return {
    context,
    planner,
    settings,
    ports,
    launch: 1,
    runs: [],
    summaries: [],
    findings: [],
    launchFindings: [],
    answers: true,
    method: {
      warmUps: [],
      gates: [],
      sweep: null,
      sustained: null,
      launches: [],
      acrossLaunches: [],
      checklist: [],
      cost: null,
    },
  };
}

export interface LevelAsked {
  role?: LevelRole;
  /** Levels that the run expects, for whoever watches. */
  levels?: number;
  findings?: readonly Finding[];
  /** Levels of a search end once their queue is seen to grow. */
  stopOverload?: boolean;
  /** Goes on while no SLO is proven or refuted, where no length was given. */
  extend?: boolean;
}

/**
 * Measures one level: idle time since the last one, lead-in, window, and the extension of an
 * undecided one. A level that an interrupted run has measured is taken from there.
 *
 * @returns null when the run was stopped; a level under way is then kept as `partial`
 */
export async function conductLevel(
  conduct: Conduct,
  plan: LevelPlan,
  asked: LevelAsked = {},
): Promise<LevelSummary | null> {
  const { context, settings, ports, runs } = conduct;
  if (context.signal.aborted) return null;
  const index = runs.length;
  const role = asked.role ?? 'level';
  const reused = ports.reuse?.(plan.hash, index) ?? null;
  if (reused !== null) return takeOver(conduct, reused, plan, role, asked);
  if (index > 0 && !(await rest(conduct))) return null;
  await context.patience?.wait(context.emit, context.signal);
  if (context.signal.aborted) return null;
  await ports.onPlan?.(plan, index);
  const options: MeasureOptions = {
    role,
    launch: conduct.launch,
    leadInLimitS: waitsToSettle(conduct) ? leadInLimitS : null,
    requireSteady: settings.requireSteady,
    maxDurationS: asked.extend === true && mayExtend(conduct) ? longestS(settings, plan) : null,
    stopOverload: asked.stopOverload ?? false,
  };
  const findings = [...conduct.launchFindings, ...(asked.findings ?? [])];
  const levels = Math.max(asked.levels ?? 0, index + 1);
  const { run, summary } = await measureLevel(context, plan, index, levels, findings, options);
  runs.push(run);
  conduct.summaries.push(summary);
  return context.signal.aborted ? null : summary;
}

/** Of a server that answers nothing, the first ten requests are the evidence. */
function waitsToSettle({ settings, context, answers }: Conduct): boolean {
  return settings.gates === 'auto' && !context.quickLook && answers;
}

/** Length of a level as given; 60 s where none was. */
export function lengthOf({ settings }: Conduct): PlanLength {
  if (isAuto(settings)) return { requests: null, durationS: levelDurationS };
  return { requests: settings.requests, durationS: settings.durationS };
}

/**
 * First length of a level of a search: where none was given, long enough for the requests without
 * which no SLO can be proven, but no longer than an extended one.
 */
export function searchLengthOf(conduct: Conduct, rateRps: number): PlanLength {
  const { settings, context } = conduct;
  if (!isAuto(settings)) return lengthOf(conduct);
  // A tenth more than the mean, so that the number that arrives is rarely one short.
  const neededS = Math.ceil((1.1 * requestsToProve(slosOf(context))) / rateRps);
  const longest = settings.maxLevelDurationS ?? 4 * levelDurationS;
  const durationS = Math.max(levelDurationS, Math.min(longest, neededS));
  return { requests: null, durationS };
}

/** No length was given: levels are as long as it takes to decide. */
export function isAuto({ durationS, requests }: MethodSettings): boolean {
  return durationS === null && requests === null;
}

/** Without an SLO there is nothing to decide. */
function mayExtend({ settings, context }: Conduct): boolean {
  return isAuto(settings) && slosOf(context).length > 0;
}

function longestS({ maxLevelDurationS }: MethodSettings, plan: LevelPlan): number {
  return maxLevelDurationS ?? Math.max(4 * levelDurationS, (plan.durationUs ?? 0) / 1e6);
}

async function rest({ context, settings }: Conduct): Promise<boolean> {
  if (settings.restS <= 0) return true;
  try {
    await sleepMs(context.clock, settings.restS * 1000, context.signal);
    return true;
  } catch {
    return false;
  }
}

async function takeOver(
  conduct: Conduct,
  reused: ReusedLevel,
  plan: LevelPlan,
  role: LevelRole,
  asked: LevelAsked,
): Promise<LevelSummary> {
  const { context, runs, ports } = conduct;
  const index = runs.length;
  await ports.onPlan?.(plan, index);
  const run: LevelRun = { ...reused.run, index };
  for (const record of run.records) context.onRecord(record);
  const reusedFinding: Finding = {
    code: 'level-reused',
    severity: 'info',
    message: 'taken over from an interrupted run of the same plan; its times are of that run.',
  };
  const findings = [...(asked.findings ?? []), reusedFinding];
  const summary = {
    ...summarizeRun(context, run, null, findings),
    role,
    launch: conduct.launch,
    ...(reused.leadIn && { leadIn: reused.leadIn }),
  };
  await context.onLevel(run, summary);
  context.emit({ kind: 'level-end', summary });
  runs.push(run);
  conduct.summaries.push(summary);
  return summary;
}
