import { binomialCdf } from '../../stats/index.ts';
import type { Answer, Ask } from '../judge/ports.ts';
import { always, type Check, type CheckVerdict, fail, notRun, pass } from './check.ts';
import { drawLengths, longPromptTokens } from './lengths.ts';
import { median, ms, share } from './numbers.ts';
import {
  askRounds,
  decodeMs,
  judgeFaster,
  judgePairs,
  mostRounds,
  type PairsVerdict,
  pairsPerRound,
} from './timing-pairs.ts';

/** Enough for a second chunk also where chunks are large. */
const outputTokens = 24;
/** Of a triple: a prompt of a quarter of the tokens, one of the timed traffic's form, a long one. */
const perTriple = 3;
/** Less is a mood of the machine. */
const leastEarlierMs = 5;
/**
 * Reading a token costs no more than making one, which at worst is how a prompt is read. Drafts make
 * tokens cheaper, so three times that, and a quarter of a second for what a server does beside it: batches
 * that wait for company, proxies.
 */
const readingOfMaking = 3;
const besideMs = 250;
/** A gap so many times as long as the median one is no usual one; of fewer gaps there is no median. */
const unusual = 3;
const enoughGaps = 4;
/** So many second chunks may be late by unrest, and more than that by chance less often than so. */
const oddByUnrest = 0.2;
const oddBy = 0.001;

/**
 * The prompt has to be read before the first token: a chunk that comes earlier says nothing of the
 * server, and then the time that a longer prompt takes lies behind the first chunk. A server that
 * is early with what looks like timed traffic alone is caught as the longer one of the first pair.
 */
export const firstChunk: Check = {
  id: 'first-chunk',
  kind: 'integrity',
  required: always,
  open() {
    const asks: Ask[] = [];
    let answers: Answer[] = [];
    return {
      async prepare({ size, seedOf, makeAsk }) {
        for (let at = 0; at < mostRounds * pairsPerRound; at++) {
          const timed = drawLengths(size, seedOf(`first-chunk/${at}`));
          const all = [
            { inputTokens: Math.ceil(timed.inputTokens / 4), outputTokens },
            timed,
            { inputTokens: longPromptTokens(size), outputTokens },
          ];
          for (const [place, lengths] of all.entries()) {
            asks.push(await makeAsk({ seed: seedOf(`first-chunk/${at}/${place}`), ...lengths }));
          }
        }
      },
      async probe({ ask }) {
        answers = await askRounds(ask, 'first-chunk', asks, judgeBoth);
      },
      async verdict({ timed }) {
        const { verdict, evidence } = judgeBoth(answers);
        const looks = [
          { verdict, evidence },
          judgeTimed(
            placed(answers, 1),
            timed.flatMap((one) => one.answers),
          ),
          judgeReading(placed(answers, 0)),
          judgeFirstGaps(answers),
        ].flatMap((one) => one ?? []);
        const worst = (['fail', 'flag'] as const).flatMap((bad) =>
          looks.filter((one) => one.verdict === bad),
        );
        return worst[0] ?? { verdict, evidence };
      },
    };
  },
};

const placed = (answers: readonly Answer[], place: number) =>
  answers.filter((one, at) => at % perTriple === place && one.outcome === 'ok');

/**
 * The worst. The gap behind the first chunk decides when enough was asked; the others are looked at too,
 * as a server may be early with several chunks.
 */
function judgeBoth(answers: readonly Answer[]): PairsVerdict {
  const both = [judgeFrom(answers, 0, firstGap), judgeFrom(answers, 1, firstGap)] as const;
  const all = [...both, judgeFrom(answers, 0, longestGap), judgeFrom(answers, 1, longestGap)];
  const [quarter, whole] = both;
  const worse =
    all.find((one) => one.verdict === 'fail') ?? (quarter.verdict === 'pass' ? whole : quarter);
  return { ...worse, clear: worse.verdict === 'fail' || both.every(({ clear }) => clear) };
}

/** Time that has to be the same for a longer prompt. */
interface Behind {
  msOf(answer: Answer): number | null;
  told: string;
}
const firstGap: Behind = {
  msOf: (answer) => gapsOf(answer)[0] ?? null,
  told: 'the gap behind the first chunk',
};
/** One of them is the prompt's: the sum of all is mostly the machine's unrest. */
const longestGap: Behind = {
  msOf: (answer) => (answer.chunkAtMs.length < 2 ? null : Math.max(...gapsOf(answer))),
  told: 'the longest gap behind the first chunk',
};

/**
 * What each chunk took longer than three usual ones. A server that reads the whole prompt again for
 * each token has gaps that grow with it, all of them: none is unusual.
 */
function gapsOf(answer: Answer): number[] {
  const gaps = betweenChunks(answer);
  const usual = gaps.length < enoughGaps ? 0 : (median(gaps) ?? 0);
  return gaps.map((gap) => Math.max(0, gap - unusual * usual));
}

const betweenChunks = ({ chunkAtMs }: Answer) =>
  chunkAtMs.slice(1).map((at, before) => at - (chunkAtMs[before] ?? at));

/** A first token against the earliest of the probes of its form. */
const judgeTimed = (probes: readonly Answer[], timed: readonly Answer[]) =>
  judgeFaster(
    firstTokens(probes),
    firstTokens(timed),
    leastEarlierMs,
    (earliest, usual) =>
      `the first token came after ${earliest} or more when it was probed and after ${usual} where speed counts`,
  );

const firstTokens = (answers: readonly Answer[]) =>
  answers.flatMap(({ outcome, ttftMs }) => (outcome === 'ok' && ttftMs !== null ? [ttftMs] : []));

/** A first token that is later than its prompt takes has been held back, whatever the answer's length. */
function judgeReading(probes: readonly Answer[]): CheckVerdict | null {
  const told = probes.flatMap((one) => {
    const span = decodeMs(one);
    if (one.ttftMs === null || span === null) return [];
    return [{ ttft: one.ttftMs, making: (span / one.ask.outputTokens) * one.ask.inputTokens }];
  });
  // What slows a server down makes the earliest later in no more than all of them.
  const earliest = Math.min(...told.map(({ ttft }) => ttft));
  const making = median(told.map((one) => one.making));
  if (making === null) return null;
  const evidence = `the first token of a short prompt came after ${ms(earliest)} or more, and making as many tokens as it has takes ${ms(making)}`;
  return earliest > readingOfMaking * making + besideMs ? fail(evidence) : pass(evidence);
}

/**
 * A second token that takes longer than the first one, where others follow in no time, has been
 * waited for: a server that is early with a part of the requests has that in this part.
 */
function judgeFirstGaps(probes: readonly Answer[]): CheckVerdict | null {
  const told = probes.flatMap((one, at) => {
    const { outcome, ttftMs } = one;
    const gaps = betweenChunks(one);
    const enough = gaps.length >= enoughGaps && at % perTriple !== 0;
    if (outcome !== 'ok' || ttftMs === null || !enough) return [];
    const [gap = 0] = gaps;
    return [gap > ttftMs && gap > unusual * (median(gaps) ?? 0)];
  });
  const odd = told.filter(Boolean).length;
  const evidence = `the second chunk took longer than the first, and three times as long as others, in ${share(odd, told.length)} probes`;
  if (1 - binomialCdf(odd - 1, told.length, oddByUnrest) < oddBy) return fail(evidence);
  return pass(evidence);
}

/** A prompt of each triple against the next longer one. */
function judgeFrom(answers: readonly Answer[], place: number, behind: Behind): PairsVerdict {
  const pairs = Array.from({ length: answers.length / perTriple }, (_, at) => {
    const from = perTriple * at + place;
    return answers.slice(from, from + 2);
  }).flatMap(([short, long]) => {
    const [a, b] = [short?.ttftMs, long?.ttftMs];
    if (short === undefined || long === undefined || a == null || b == null) return [];
    const [gap, longGap] = [behind.msOf(short), behind.msOf(long)];
    const extraTokens = long.ask.inputTokens - short.ask.inputTokens;
    if (gap === null || longGap === null || extraTokens <= 0) return [];
    return [{ honest: [a, b], other: [gap, longGap], extraTokens } as const];
  });
  if (pairs.length === 0) return { ...notRun('no probe had two chunks'), clear: false };
  return judgePairs(pairs, {
    honest: 'time to the first chunk of a short and a longer prompt',
    other: behind.told,
    larger: 'a longer prompt',
  });
}
