import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { MeasuredState, TrialResult } from '../../model/index.ts';
import type { SandboxReceipt } from '../../sandbox/index.ts';
import type { Judgement } from '../judge/order.ts';
import { trialOf } from '../judge/trial-of.ts';
import { bestState } from '../phase/states.ts';
import { readSecret } from './check-left.ts';
import type { Journal } from './journal.ts';
import { places } from './places.ts';
import { readStarts } from './server-starts.ts';
import type { TrialSetup } from './trial-setup.ts';

/** Judges what was collected. @throws the abort reason */
export async function judgeTrial(setup: TrialSetup, journal: Journal): Promise<TrialResult> {
  const { ctx, folder, stored, agent, seeds, budgetS, sandbox } = setup;
  const at = places(folder);
  const prepared = journal.need('prepared');
  const phase = journal.need('agent_ended');
  const { submission, reason, last = null } = journal.need('collected');
  const secret = await readSecret(folder, journal);
  const best = await bestState(at.states);
  let judgement: Judgement;
  if (phase.end === 'infra' && !phase.interrupted) {
    judgement = withoutJudge({ kind: 'infra_error', reason: phase.reason });
  } else if (submission === null) {
    judgement = withoutJudge({ kind: 'server_fail', reason });
  } else {
    await rm(at.judge, { recursive: true, force: true });
    await mkdir(at.judge);
    judgement = await setup.judge({ submissionDir: at.submission, workDir: at.judge, secret });
    ctx.signal?.throwIfAborted();
    const hasSeenIt = judgement.submission?.sha256 === submission.sha256;
    if (!hasSeenIt && judgement.outcome.kind !== 'infra_error') {
      const changed = 'what was judged is not what was collected';
      judgement = withoutJudge({ kind: 'infra_error', reason: changed });
    }
  }
  const isBest = stored.scenario.policy === 'best_verified' && best !== null;
  const starts = await readStarts(at.starts);
  const stateOf = (state: MeasuredState | null) => {
    const seen = starts.find(
      ({ submissionSha256 }) => submissionSha256 === state?.submissionSha256,
    );
    return state === null ? null : { ...state, atS: seen?.atS ?? null };
  };
  const order = {
    ...{ stored, class: setup.class, submissionDir: at.submission, collectDir: at.judge, secret },
    ...{ forcedEngine: setup.entry.forcedEngine, storedReference: null },
  };
  const trial = await trialOf(order, judgement, {
    trialId: prepared.trialId,
    startedAt: prepared.startedAt,
    endedAt: new Date(ctx.clock.wallMs()).toISOString(),
    version: setup.toolVersion,
    machine: setup.machine,
    entry: {
      agent: { id: agent.id, version: agent.version },
      ...setup.entry,
      promptSha256: prepared.missionSha256,
    },
    seeds,
    bestVerified: isBest ? stateOf(judgement.state) : (best?.kept.state ?? null),
    agentPhase: {
      end: phase.end,
      budgetS,
      wallS: phase.usedS,
      sandboxed: sandbox.isolates,
      reason: phase.reason,
      interrupted: phase.interrupted,
      receipt: phase.receipt === null ? null : summarize(phase.receipt),
      serverStarts: starts.map(({ atS, flags }) => ({ atS, flags })),
    },
  });
  if (!isBest) return { ...trial, final: stateOf(trial.final) };
  return { ...trial, final: stateOf(await judgeLast(setup, { last, judged: judgement, secret })) };
}

/** Where the best state was judged: the last one too, for what was found against what was left. */
async function judgeLast(
  { ctx, folder, judge: judgeAgain }: TrialSetup,
  options: { last: TrialResult['submission']; judged: Judgement; secret: Buffer },
): Promise<MeasuredState | null> {
  const { last, judged, secret } = options;
  const at = places(folder);
  if (last === null || judged.state === null) return null;
  if (last.sha256 === judged.state.submissionSha256) return judged.state;
  const workDir = join(at.judge, 'last');
  await mkdir(workDir, { recursive: true });
  const { state, outcome, reference } = await judgeAgain({
    submissionDir: at.last,
    workDir,
    secret,
  });
  ctx.signal?.throwIfAborted();
  return state === null ? null : { ...state, outcome: outcome.kind, reference: reference.launches };
}

function summarize(receipt: SandboxReceipt) {
  const { how, aliveAtStop, sweptPids, endedBy, survivors, limits, memoryPeakBytes } = receipt;
  const counts = { aliveAtStop, swept: sweptPids.length, endedBy, survivors: survivors.length };
  return { how, ...counts, limits, memoryPeakBytes };
}

const withoutJudge = (outcome: TrialResult['outcome']): Judgement => ({
  outcome,
  submission: null,
  finalSeed: null,
  engine: null,
  reference: {
    ...{ measured: 'in_trial', launches: [], aloneP50Ms: null },
    ...{ alikeShare: null, modelSha256: null, again: [] },
  },
  state: null,
  stages: [],
});
