import { join } from 'node:path';
import type { EngineContext } from '../../engines/index.ts';
import type { MeasuredLaunch, MeasuredState } from '../../model/index.ts';
import type { Collected } from '../judge/collect.ts';
import { launchFlags } from '../judge/engine-seen.ts';
import type { Judgement, StoredReference } from '../judge/order.ts';
import type { JudgePorts, LaunchTrace } from '../judge/ports.ts';
import { makeQuickSet, type QuickSet, quickLook } from '../judge/quick-look.ts';
import { storableReference } from '../judge/stored-reference.ts';
import { trialOf } from '../judge/trial-of.ts';
import { findRules } from '../scoring/read-rules.ts';
import { scoreTrial } from '../scoring/score-trial.ts';
import type { Preview, PreviewOrder, TrialSetup } from './trial-setup.ts';

/** What previews need of the machine. */
export interface PreviewPorts {
  /**
   * @param workDir for logs and what launchers are offered
   * @param onLaunch told what was seen of each launch
   */
  portsFor(
    ctx: EngineContext,
    workDir: string,
    onLaunch: (trace: LaunchTrace) => void,
  ): Promise<JudgePorts>;
  /** As the judge does it, with requests that follow from a seed alone. */
  judgeAgain(
    ctx: EngineContext,
    order: {
      submissionDir: string;
      workDir: string;
      devSeed: string;
      reference: StoredReference | null;
      onLaunch: (trace: LaunchTrace) => void;
    },
  ): Promise<Judgement>;
}

/**
 * Evaluations during the agent's time: a quick look at the speed, or everything that the judge does,
 * with requests of their own. What the reference made of these is measured once and kept.
 */
export function createPreview(
  setup: Pick<
    TrialSetup,
    'ctx' | 'stored' | 'class' | 'seeds' | 'entry' | 'toolVersion' | 'machine'
  > & {
    /** Measured before the trial; null = with the first full evaluation. */
    reference: StoredReference | null;
  },
  ports: PreviewPorts,
): (order: PreviewOrder) => Promise<Preview> {
  const { stored } = setup;
  const size = stored.scenario.classes[setup.class];
  let quickSet: QuickSet | null = null;
  let { reference } = setup;

  type OnLaunch = (trace: LaunchTrace) => void;
  const quick = async (
    order: PreviewOrder,
    ctx: EngineContext,
    onLaunch: OnLaunch,
  ): Promise<MeasuredState> => {
    const own = await ports.portsFor(ctx, order.workDir, onLaunch);
    if (quickSet === null) {
      order.say('measuring the reference with the requests of quick evaluations, once');
      quickSet = await makeQuickSet(size, devSeedOf(order.seed, 'quick'), own);
    }
    order.say('starting your submission');
    const { submissionDir: dir, submission } = order;
    return quickLook(size, quickSet, { dir, sha256: submission.sha256 }, own);
  };

  const full = async (
    order: PreviewOrder,
    ctx: EngineContext,
    onLaunch: OnLaunch,
  ): Promise<MeasuredState> => {
    order.say('judging your submission as at the end, with other requests');
    const judgement = await ports.judgeAgain(ctx, {
      submissionDir: order.submissionDir,
      workDir: join(order.workDir, 'judge'),
      devSeed: devSeedOf(order.seed, 'full'),
      ...{ reference, onLaunch },
    });
    reference ??= storableReference(judgement);
    const state = judgement.state ?? nothing(order.submission.sha256);
    const { kind } = judgement.outcome;
    return {
      ...state,
      measuredBy: 'preview',
      outcome: kind,
      reference: judgement.reference.launches,
    };
  };

  return async (order) => {
    const ctx = { ...setup.ctx, signal: order.signal };
    const traces: LaunchTrace[] = [];
    const evaluate = order.want === 'quick' ? quick : full;
    const state = await evaluate(order, ctx, (trace) => traces.push(trace));
    // A quick look does not ask for token match, and its rules may: it stands for speed alone.
    const assumed = order.want === 'quick' ? { ...state, correctness: allMatch } : state;
    const scored = await scoreOf(setup, assumed, order.submission);
    const judged = { ...state, outcome: scored.outcome };
    const matchIsOpen = order.want === 'quick' && scored.score !== null && scored.asksForMatch;
    const text = `${describe(judged, scored)}${matchIsOpen ? '\ntoken match: not looked at; ./evaluate full does' : ''}`;
    return { state: judged, score: scored.score, text, flags: launchFlags(traces) };
  };
}

const devSeedOf = (seed: number, purpose: string) => `dev/${seed}/${purpose}`;

const allMatch = { tokenMatchShare: 1, prompts: 1 };

const nothing = (submissionSha256: string): MeasuredState => ({
  submissionSha256,
  atS: null,
  measuredBy: 'preview',
  outcome: 'server_fail',
  checks: [],
  launches: [],
  correctness: null,
  reference: null,
});

interface PreviewScore {
  outcome: MeasuredState['outcome'];
  reason: string | null;
  score: number | null;
  /** Its rules ask for token match too. */
  asksForMatch: boolean;
}

/** As the scenario's rules would score it; null where there is nothing to score. */
async function scoreOf(
  { stored, class: size, seeds, entry, toolVersion, machine }: Parameters<typeof createPreview>[0],
  state: MeasuredState,
  submission: Collected,
): Promise<PreviewScore> {
  if (state.outcome !== 'scored' || state.launches.length === 0) {
    return { outcome: state.outcome, reason: null, score: null, asksForMatch: false };
  }
  const launches: MeasuredLaunch[] = state.reference ?? [];
  const trial = await trialOf(
    {
      ...{ stored, class: size, submissionDir: '', collectDir: '' },
      ...{ secret: new Uint8Array(32), forcedEngine: null, storedReference: null },
    },
    {
      outcome: { kind: 'scored', reason: null },
      ...{ submission, finalSeed: null, engine: null, stages: [] },
      reference: {
        ...{ measured: 'in_trial', launches, aloneP50Ms: null },
        ...{ alikeShare: null, modelSha256: null, again: [] },
      },
      state: null,
    },
    {
      ...{ trialId: 'preview', startedAt: '', endedAt: '', version: toolVersion, machine, seeds },
      entry: { ...entry, agent: { id: 'preview', version: null }, promptSha256: null },
      ...{ agentPhase: null, bestVerified: null },
    },
  );
  const rules = await findRules(stored.scenario.scoring);
  const seedless = { ...trial, seeds: { ...trial.seeds, secret: null }, final: state };
  const { outcome, reason, score } = scoreTrial(seedless, rules, '');
  // What a failed one falls back on is no figure of its own: nobody shall take it for one.
  const passed = outcome === 'scored' || outcome === 'regressed';
  const asksForMatch = rules.correctness !== null;
  return { outcome, reason, score: passed ? score : null, asksForMatch };
}

function describe(state: MeasuredState, { reason, score }: PreviewScore): string {
  const lines = [
    `outcome: ${state.outcome}${reason === null ? '' : ` (${reason})`}`,
    `score: ${score === null ? '-' : score.toFixed(3)}`,
  ];
  const sides = [
    { name: 'yours', launches: state.launches },
    { name: 'reference', launches: state.reference ?? [] },
  ];
  for (const { name, launches } of sides) {
    for (const one of launches.flatMap(({ profiles }) => profiles)) {
      lines.push(
        `${name}, ${one.profile}: TTFT ${figure(one.ttftP50Ms, 'ms')}, TPOT ${figure(one.tpotP50Ms, 'ms')}, ${figure(one.validCompletedRps, 'req/s')}, ${one.validRequests} of ${one.requests} valid`,
      );
    }
  }
  const bad = state.checks.filter(({ verdict }) => verdict === 'fail' || verdict === 'flag');
  for (const { id, verdict, evidence } of bad) lines.push(`${id}: ${verdict}: ${evidence}`);
  const open = state.checks.filter(({ verdict }) => verdict === 'not_run');
  if (open.length > 0) lines.push(`not run: ${open.map(({ id }) => id).join(', ')}`);
  return lines.join('\n');
}

const figure = (value: number | null, unit: string) =>
  value === null ? '-' : `${value.toPrecision(4)} ${unit}`;
