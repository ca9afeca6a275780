import type { TrialCheck } from '../../model/index.ts';
import { engineSeen } from './engine-seen.ts';
import type { KnownSoFar } from './known-so-far.ts';
import type { Judgement, JudgeOrder } from './order.ts';
import type { JudgePorts } from './ports.ts';
import { referenceFigures } from './reference-figures.ts';

/** What is known in the end; an engine that was forced and not started changes the outcome. */
export function judgementOf(
  order: JudgeOrder,
  ports: Pick<JudgePorts, 'ground'>,
  trial: KnownSoFar,
  found: Pick<Judgement, 'outcome' | 'stages'> & { checks: TrialCheck[] },
): Judgement {
  const { collected } = trial;
  const engine = engineSeen(trial.traces);
  const outcome = ofForced(order, engine, found.outcome);
  return {
    outcome,
    submission: collected,
    finalSeed: trial.finalSeed,
    engine,
    ...(ports.ground !== undefined && { ground: ports.ground() }),
    ...(trial.questions !== null && { questions: trial.questions }),
    reference: referenceFigures(order, trial),
    state:
      collected === null
        ? null
        : {
            submissionSha256: collected.sha256,
            atS: null,
            measuredBy: 'judge',
            outcome: outcome.kind,
            checks: found.checks,
            launches: trial.launches,
            correctness: trial.match,
            reference: null,
          },
    stages: found.stages,
  };
}

function ofForced(
  { forcedEngine }: JudgeOrder,
  engine: Judgement['engine'],
  outcome: Judgement['outcome'],
): Judgement['outcome'] {
  if (forcedEngine === null || outcome.kind !== 'scored' || engine?.id === forcedEngine) {
    return outcome;
  }
  return {
    kind: 'wrong_engine',
    reason: `${engine?.id ?? 'no known engine'} was started instead of ${forcedEngine}`,
  };
}
