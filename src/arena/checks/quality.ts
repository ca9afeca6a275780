import { binomialCdf, pairedLoss, powerAt } from '../../stats/index.ts';
import type { Answer, Ask, AskedServer } from '../judge/ports.ts';
import {
  type Check,
  type CheckVerdict,
  fail,
  flag,
  notRun,
  type Preparation,
  pass,
} from './check.ts';
import { percent } from './numbers.ts';
import { chance, makeQuestions, parseAnswer, type Question } from './questions.ts';

/** Enough of the reference's answer to hold the word that is asked for. */
const answerTokens = 16;
/** Less than that, as a word may be several tokens. */
const answerWords = 10;
/** A server that is as good is failed less often than once in a hundred. */
const failBelow = 0.01;
/** Above guessing: else the questions tell nothing. */
export const leastAboveChance = 0.2;

/**
 * Answers to the same questions as the reference's, in pairs: not worse by more than the margin.
 * Questions come in front of and behind the timed traffic, in its form and in numbers that the seed
 * decides, so that no server can tell them apart.
 */
export const quality: Check = {
  id: 'quality',
  kind: 'quality',
  required: (size) => size.quality !== null,
  open() {
    let questions: Question[] = [];
    const asks: Ask[] = [];
    let reference: Answer[] = [];
    const answers: Answer[] = [];
    let inFlight = 1;
    let before = 0;
    return {
      async prepare({ size, seedOf, makeAsk, reference: server }) {
        if (size.quality === null) return;
        const made = await makeGate(size.quality.minQuestions, { size, seedOf, makeAsk });
        questions = made.questions;
        asks.push(...made.asks);
        before = seedOf('questions/before') % (questions.length + 1);
        inFlight = size.profiles[0]?.maxInFlight ?? 1;
        reference = await askReference(server, asks);
      },
      async probeRelaunch({ ask }) {
        answers.push(...(await ask('gate', asks.slice(0, before), inFlight)));
      },
      async probeAfter({ ask }) {
        answers.push(...(await ask('gate', asks.slice(before), inFlight)));
      },
      async verdict({ size }) {
        if (size.quality === null) return notRun('the scoring has its own correctness');
        const margin = size.quality.marginPoints / 100;
        return judgePaired(
          rightAnswers(questions, reference),
          rightAnswers(questions, answers),
          margin,
        );
      },
    };
  },
};

/** Questions, and requests of the form of the timed traffic that ask them. */
export async function makeGate(
  count: number,
  { size, seedOf, makeAsk }: Pick<Preparation, 'size' | 'seedOf' | 'makeAsk'>,
): Promise<{ questions: Question[]; asks: Ask[] }> {
  const questions = makeQuestions(seedOf('questions'), count);
  const [profile] = size.profiles;
  const asks: Ask[] = [];
  for (const [at, { text }] of questions.entries()) {
    const seed = seedOf(`question/${at}`);
    const inputTokens = profile?.inputTokens.max ?? 64;
    const outputTokens = profile?.outputTokens.max ?? 64;
    asks.push(await makeAsk({ seed, inputTokens, outputTokens, tail: text }));
  }
  return { questions, asks };
}

/** The reference's answers: no longer than it takes to read them. */
export function askReference(server: AskedServer, asks: readonly Ask[]): Promise<Answer[]> {
  const short = asks.map((ask) => ({ ...ask, outputTokens: answerTokens }));
  const traffic = { arrival: 'burst', maxInFlight: 1, rateRps: null, seed: 0 } as const;
  return server.send({ id: 'gate', asks: short, ...traffic, timed: false });
}

/** Which questions were answered right, in their order; an answer that failed is wrong. */
export const rightAnswers = (questions: readonly Question[], given: readonly Answer[]) =>
  questions.map((one, at) => {
    const answer = given[at];
    return answer?.outcome === 'ok' && parseAnswer(startOf(answer.text), one) === one.answer;
  });

/** As much of an answer as the reference gave: the rest has chances of its own. */
const startOf = (text: string) => text.trim().split(/\s+/).slice(0, answerWords).join(' ');

/**
 * Non-inferiority of paired answers (Tango's setting, Wald's interval), and McNemar's exact test
 * against being as good: passed is what is shown to be no worse than the margin, failed what is
 * worse by the margin and shown to be worse at all, flagged what lies between.
 */
export function judgePaired(
  reference: readonly boolean[],
  own: readonly boolean[],
  margin: number,
): CheckVerdict {
  const n = reference.length;
  if (n === 0 || own.length === 0) return notRun('no question was answered');
  const count = (values: readonly boolean[]) => values.filter(Boolean).length;
  const lost = count(reference.map((one, at) => one && own[at] !== true));
  const won = count(reference.map((one, at) => !one && own[at] === true));
  const { loss, se, upper } = pairedLoss({ n, lost, won });
  const base = count(reference) / n;
  const power = powerAt(margin, se);
  const told = `${n} questions in pairs: reference ${percent(base)}, server ${percent(count(own) / n)} right (${lost} lost, ${won} won); loss ${percent(loss)}, at most ${percent(upper)} (95 %), margin ${percent(margin)}, power ${percent(power)}`;
  if (base < chance + leastAboveChance) return notRun(`${told}: the reference itself is too weak`);
  const worse = 1 - binomialCdf(lost - 1, lost + won, 0.5);
  if (loss >= margin && lost > 0 && worse < failBelow) return fail(told);
  return upper < margin ? pass(told) : flag(`${told}: neither shown`);
}
