import type { AnswerPair, Evidence } from '../checks/check.ts';
import type { KnownSoFar } from './known-so-far.ts';
import type { JudgeOrder } from './order.ts';
import type { Answer, Ask, ReferenceServer } from './ports.ts';
import { readCollected } from './read-collected.ts';
import { alikeOf } from './reference-figures.ts';
import { rememberScores } from './remember-scores.ts';
import { withoutCanaries } from './timed-traffic.ts';

/** What the checks are decided by. */
export async function gatherEvidence(
  order: JudgeOrder,
  { oracle }: ReferenceServer,
  trial: KnownSoFar,
): Promise<Evidence> {
  const counted = new Map<string, number>();
  const { before, after } = trial.model;
  return {
    size: order.stored.scenario.classes[order.class],
    // What checks have in common is replayed once.
    oracle: rememberScores(oracle),
    timed: trial.timed.map(withoutCanaries),
    pairs: pairsOf(trial),
    referenceAlike: alikeOf(order, trial),
    canaries: trial.timed.flatMap(({ answers }) => answers.filter(({ ask }) => ask.canary)),
    gate: trial.gate,
    all: trial.all,
    traces: trial.traces,
    weights: trial.weights,
    calls: { untraced: 'the outcome was decided before', byServer: false },
    files: await readCollected(order.collectDir, trial.collected),
    model: before === null || after === null ? null : { before, after },
    async countOutput(answers) {
      const texts = [...new Set(answers.map(({ text }) => text))].filter(
        (one) => !counted.has(one),
      );
      const counts = await oracle.countTokens(texts);
      texts.forEach((text, at) => counted.set(text, counts[at] ?? 0));
      return answers.map(({ text }) => counted.get(text) ?? 0);
    },
  };
}

/** Both answers to each timed request that the reference was asked too. */
function pairsOf({ timed, referenceTimed, referenceAgain }: KnownSoFar): AnswerPair[] {
  const said = new Map<Ask, Answer>();
  for (const { traffic, answers } of [...referenceTimed, ...referenceAgain]) {
    answers.forEach((answer, at) => said.set(traffic.asks[at] as Ask, answer));
  }
  return timed.flatMap(({ traffic, answers }) =>
    answers.flatMap((own, at) => {
      const reference = said.get(traffic.asks[at] as Ask);
      const isPlain = traffic.asks[at]?.canary === undefined;
      return reference === undefined || !isPlain ? [] : [{ own, reference }];
    }),
  );
}
