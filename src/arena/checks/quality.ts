import { BenchError } from '../../core/index.ts';
import type { AskedQuestions } from '../../model/index.ts';
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
import { drawLengths, inputTokensOf } from './lengths.ts';
import { percent } from './numbers.ts';
import {
  chanceOf,
  parseAnswer,
  type Question,
  type QuestionSet,
  shuffleQuestions,
} from './questions.ts';

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
export const createQuality = (onAsked: (asked: AskedQuestions) => void): Check => ({
  id: 'quality',
  kind: 'quality',
  required: (size) => size.quality !== null,
  open() {
    let questions: Question[] = [];
    const asks: Ask[] = [];
    let reference: Answer[] = [];
    const answers: Answer[] = [];
    let inFlight = 1;
    let patience = 1;
    let before = 0;
    let told = '';
    let available = 0;
    return {
      async prepare(prep) {
        const { size, seedOf, reference: server } = prep;
        if (size.quality === null) return;
        const made = await makeGate(size.quality.minQuestions, prep);
        questions = made.questions;
        asks.push(...made.asks);
        const { name, sha256 } = prep.questions;
        const distinct = distinctOf(questions);
        available = distinctOf(prep.questions.questions);
        told = `${distinct} different questions of ${name}${sha256 === null ? '' : ` (SHA-256 ${sha256.slice(0, 12)})`}`;
        onAsked({
          ...{ name, sha256, available, asked: questions.length, distinct },
          wanted: size.quality.minQuestions,
          marginPoints: size.quality.marginPoints,
        });
        before = seedOf('questions/before') % (questions.length + 1);
        const usual = size.profiles[0]?.maxInFlight ?? 1;
        inFlight = size.quality.maxInFlight ?? usual;
        // A server that takes one request at a time lets the others wait.
        patience = Math.max(1, inFlight / usual);
        reference = await askReference(server, asks);
      },
      async probeRelaunch({ ask }) {
        answers.push(...(await ask('gate', asks.slice(0, before), inFlight, patience)));
      },
      async probeAfter({ ask }) {
        answers.push(...(await ask('gate', asks.slice(before), inFlight, patience)));
      },
      async verdict({ size }) {
        if (size.quality === null) return notRun('the scoring has its own correctness');
        const own = rightAnswers(questions, answers);
        const margin = size.quality.marginPoints / 100;
        const { verdict, evidence } = judgePaired(rightAnswers(questions, reference), own, margin, {
          chance: chanceOf(questions),
          distinct: distinctOf(questions),
        });
        return { verdict, evidence: `${evidence}; ${told}` };
      },
    };
  },
});

/** One that is asked again is none of its own. */
export const distinctOf = (questions: readonly Question[]) =>
  new Set(questions.map(({ text }) => text)).size;

/** Tokens by which a message may be longer than asked for: what joins cost. */
const joinTokens = 2;

/**
 * Questions, each once, and requests of form and lengths of the timed traffic that ask them: as many
 * as are wanted, or as there are. Those too long for their place are left out.
 */
export async function makeGate(
  count: number,
  {
    size,
    seedOf,
    makeAsk,
    oracle,
    questions: set,
  }: Pick<Preparation, 'size' | 'seedOf' | 'makeAsk' | 'oracle'> & { questions: QuestionSet },
): Promise<{ questions: Question[]; asks: Ask[] }> {
  // Most of those that are too long are seen without making a message of them.
  const isTooLong = async ({ text }: Question, inputTokens: number) =>
    ((await oracle.countTokens([text]))[0] ?? 0) > inputTokens;
  const questions: Question[] = [];
  const asks: Ask[] = [];
  for (const one of shuffleQuestions(set, seedOf('questions'))) {
    if (asks.length === count) break;
    const seed = seedOf(`question/${asks.length}`);
    const lengths = drawLengths(size, seed);
    if (set.sha256 !== null && (await isTooLong(one, lengths.inputTokens))) continue;
    const ask = await makeAsk({ seed, ...lengths, tail: one.text });
    if (set.sha256 !== null) {
      const tokens = await oracle.countPrompt(ask.messages);
      if (tokens > ask.inputTokens + joinTokens) continue;
    }
    questions.push(one);
    asks.push(ask);
  }
  if (asks.length === 0) {
    const inputTokens = inputTokensOf(size);
    throw new BenchError(
      'USAGE_QUESTIONS',
      `None of the ${set.questions.length} questions of ${set.name} fits into the ${inputTokens} prompt tokens of this scenario.`,
      { hint: 'Give shorter ones with --questions FILE, or a scenario with longer prompts.' },
    );
  }
  return { questions, asks };
}

/** The reference's answers: no longer than it takes to read them. */
export function askReference(server: AskedServer, asks: readonly Ask[]): Promise<Answer[]> {
  const short = asks.map((ask) => ({
    ...ask,
    outputTokens: Math.min(answerTokens, ask.outputTokens),
  }));
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
export const startOf = (text: string) => firstWords.exec(text.trim())?.[0] ?? '';
const firstWords = new RegExp(`^(?:\\S+\\s*){1,${answerWords}}`);

/**
 * Non-inferiority of paired answers (Tango's setting, Wald's interval), and McNemar's exact test
 * against being as good: passed is what is shown to be no worse than the margin, failed what is
 * worse by the margin and shown to be worse at all, flagged what lies between.
 */
export function judgePaired(
  reference: readonly boolean[],
  own: readonly boolean[],
  margin: number,
  { chance = 0, distinct = reference.length }: { chance?: number; distinct?: number } = {},
): CheckVerdict {
  const n = reference.length;
  if (n === 0 || own.length === 0) return notRun('no question was answered');
  const count = (values: readonly boolean[]) => values.filter(Boolean).length;
  const lost = count(reference.map((one, at) => one && own[at] !== true));
  const won = count(reference.map((one, at) => !one && own[at] === true));
  const { loss, se, upper: narrow } = pairedLoss({ n, lost, won });
  const base = count(reference) / n;
  // Asking again adds no evidence: the error is that of the different ones.
  const again = Math.sqrt(n / distinct);
  const upper = loss + again * (narrow - loss);
  const power = powerAt(margin, again * se);
  const told = `${n} questions in pairs: reference ${percent(base)}, server ${percent(count(own) / n)} right (${lost} lost, ${won} won); loss ${percent(loss)}, at most ${percent(upper)} (95 %), margin ${percent(margin)}, power ${percent(power)}`;
  if (base < chance + leastAboveChance) return notRun(`${told}: the reference itself is too weak`);
  const worse = 1 - binomialCdf(lost - 1, lost + won, 0.5);
  if (loss >= margin && lost > 0 && worse < failBelow) return fail(told);
  return upper < margin ? pass(told) : flag(`${told}: neither shown`);
}
