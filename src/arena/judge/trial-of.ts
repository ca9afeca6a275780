import type { MeasuredState, TrialEntry, TrialResult } from '../../model/index.ts';
import { findRules } from '../scoring/read-rules.ts';
import { scoreTrial } from '../scoring/score-trial.ts';
import { commitTo } from '../trial/commitment.ts';
import type { Judgement, JudgeOrder } from './order.ts';

/** What a trial is called and where it was made: everything that judging does not find out. */
export interface TrialLabel {
  trialId: string;
  startedAt: string;
  endedAt: string;
  version: string;
  machine: string;
  entry: TrialEntry;
  seeds: { dev: number; eval: number };
  agentPhase: TrialResult['agentPhase'];
  bestVerified: MeasuredState | null;
}

/**
 * The trial.json of a judgement. Only here speed becomes part of the outcome: `regressed` is what the
 * scenario's own rules say of it.
 */
export async function trialOf(
  { stored, secret, class: size }: JudgeOrder,
  judgement: Judgement,
  label: TrialLabel,
): Promise<TrialResult> {
  const { scenario, sha256 } = stored;
  const { reference, model } = scenario.classes[size];
  const trial: TrialResult = {
    schema: 'inferencebench.trial.v1',
    trialId: label.trialId,
    startedAt: label.startedAt,
    endedAt: label.endedAt,
    tool: { name: 'inferencebench', version: label.version },
    scenario: {
      id: scenario.id,
      class: size,
      sha256,
      scoring: scenario.scoring,
      policy: scenario.policy,
    },
    baseModel: model,
    machine: label.machine,
    entry: label.entry,
    seeds: {
      ...label.seeds,
      secretSha256: commitTo(secret),
      secret: Buffer.from(secret).toString('hex'),
      finalSeed: judgement.finalSeed,
    },
    outcome: judgement.outcome,
    submission: judgement.submission,
    engine: judgement.engine,
    reference: {
      kind: reference.kind,
      description: reference.description,
      measured: judgement.reference.measured,
      ...(judgement.reference.again.length > 0 && { again: judgement.reference.again }),
      launches: judgement.reference.launches,
      ...(judgement.reference.subset !== undefined && { subset: judgement.reference.subset }),
    },
    ...(judgement.ground !== undefined && { ground: judgement.ground }),
    ...(judgement.questions !== undefined && { questions: judgement.questions }),
    final: judgement.state,
    bestVerified: label.bestVerified,
    agentPhase: label.agentPhase,
  };
  if (judgement.outcome.kind !== 'scored' || trial.final === null) return trial;
  const score = scoreTrial(trial, await findRules(scenario.scoring), label.trialId);
  const outcome = { kind: score.outcome, reason: score.reason };
  return { ...trial, outcome, final: { ...trial.final, outcome: score.outcome } };
}
