import type { QuestionSetCheck, ScenarioSize } from '../../model/index.ts';
import { nonInferiorityPower } from '../../stats/index.ts';
import { percent } from '../checks/numbers.ts';
import {
  askReference,
  distinctOf,
  leastAboveChance,
  makeGate,
  rightAnswers,
} from '../checks/quality.ts';
import {
  assumedDiscordant,
  chanceOf,
  leastPower,
  partOf,
  type QuestionSet,
} from '../checks/questions.ts';
import { createAskMaker, seedsFrom } from '../judge/make-ask.ts';
import type { Answer, JudgePorts } from '../judge/ports.ts';

/** Above it, a worse server loses too few answers to be seen. */
const mostRight = 0.95;

/**
 * Asks the reference the questions that a judge would ask, twice.
 * @param asked.seed of questions and of what stands around them
 * @throws BenchError ENGINE_*, PREREQ_*
 */
export async function checkQuestionSet(
  size: ScenarioSize & { quality: NonNullable<ScenarioSize['quality']> },
  asked: { seed: string; set: QuestionSet },
  ports: Pick<JudgePorts, 'startReference' | 'makePrompt'>,
): Promise<QuestionSetCheck> {
  const reference = await ports.startReference();
  try {
    const makeAsk = createAskMaker(ports, reference.oracle, size);
    const { minQuestions, marginPoints } = size.quality;
    const set = partOf(asked.set, minQuestions, 'final');
    const { oracle } = reference;
    const gate = { size, seedOf: seedsFrom(asked.seed), makeAsk, oracle, questions: set };
    const { questions, asks } = await makeGate(minQuestions, gate);
    const chance = chanceOf(questions);
    const rounds: Answer[][] = [];
    for (let round = 0; round < 2; round++) rounds.push(await askReference(reference, asks));
    const [first = [], second = []] = rounds.map((given) => rightAnswers(questions, given));
    const judged = { first, second, distinct: distinctOf(questions), marginPoints, chance };
    return { ...judgeQuestionSet(judged), name: set.name, sha256: set.sha256 };
  } finally {
    await reference.stop();
  }
}

/** Whether so many questions, answered like that by the reference, tell a worse server from a good one. */
export function judgeQuestionSet(asked: {
  first: readonly boolean[];
  second: readonly boolean[];
  distinct: number;
  marginPoints: number;
  /** Of a right answer by guessing, 0 to 1. */
  chance: number;
}): Omit<QuestionSetCheck, 'name' | 'sha256'> {
  const { first, second, distinct, marginPoints, chance } = asked;
  const n = first.length;
  const count = (values: readonly boolean[]) => values.filter(Boolean).length;
  const discordant = count(first.map((one, at) => one !== second[at])) / n;
  const powerOf = (share: number) => ({
    discordantShare: share,
    // Asking again adds no evidence.
    ...nonInferiorityPower(distinct, marginPoints / 100, share),
  });
  const power = { assumed: powerOf(assumedDiscordant), seen: powerOf(discordant) };
  const shares: [number, number] = [count(first) / n, count(second) / n];
  const mean = (shares[0] + shares[1]) / 2;
  const problems = [
    ...(mean < chance + leastAboveChance
      ? [
          `the reference answers ${percent(mean)}, below chance (${percent(chance)}) and 20 points: too weak to lose anything`,
        ]
      : []),
    ...(mean > mostRight
      ? [`the reference answers ${percent(mean)}, above 95 %: too easy to tell a worse server`]
      : []),
    ...(power.assumed.normal < leastPower
      ? [
          `${distinct} different questions have a power of ${percent(power.assumed.normal)} for a margin of ${marginPoints} points, below 80 %: give more with --questions FILE`,
        ]
      : []),
  ];
  return {
    ...{ n, distinct, marginPoints, referenceShares: shares, chanceShare: chance },
    ...{ discordantShare: discordant, power },
    accepted: problems.length === 0,
    why: problems.length === 0 ? null : problems.join('; '),
  };
}
