import type { WeightsPass } from '../judge/ports.ts';
import { type Check, type CheckVerdict, fail, flag, never, notRun, pass } from './check.ts';
import { median, ms } from './numbers.ts';

/**
 * Tokens that one pass over the weights may give a request: speculative decoding with long drafts
 * gets to four or five on average, on text that is easy to guess.
 */
export const tokensPerPass = 8;
/** Of the floor: below this no allowance is missing, it is other work. */
const impossible = 0.25;

/** One timed answer, by its own token count. */
export interface FloorTimes {
  tokens: number;
  /** Of them in the first chunk. */
  firstTokens: number;
  ttftMs: number;
  /** From the first token-bearing chunk to the last. */
  spanMs: number;
  /** From the send to the last token. */
  latencyMs: number;
  chunks: number;
}

/**
 * No token comes without a pass over the weights, and none is faster than this machine's memory
 * (or cache: the measured set has the weights' size) gives them. Not required: there is no floor
 * for memory that is not measured, and what it catches, others catch by the answers.
 */
export const physicalFloor: Check = {
  id: 'physical-floor',
  kind: 'integrity',
  required: never,
  open: () => ({
    async verdict({ timed, weights, countOutput }) {
      if ('unknown' in weights) return notRun(weights.unknown);
      const verdicts: FloorVerdict[] = [];
      for (const { traffic, answers } of timed) {
        const ended = answers.filter(
          (one) => one.outcome === 'ok' && one.ttftMs !== null && one.latencyMs !== null,
        );
        const whole = await countOutput(ended);
        const first = await countOutput(ended.map((one) => ({ ...one, text: one.firstText })));
        const times = ended.map((one, at) => ({
          // More than was asked for is no work that was done.
          tokens: Math.min(whole[at] ?? 0, one.ask.outputTokens),
          firstTokens: first[at] ?? 0,
          ttftMs: one.ttftMs ?? 0,
          spanMs: (one.chunkAtMs.at(-1) ?? 0) - (one.chunkAtMs[0] ?? 0),
          latencyMs: one.latencyMs ?? 0,
          chunks: one.chunkAtMs.length,
        }));
        const found = judgeFloor(times, weights);
        verdicts.push({ ...found, evidence: `${traffic.id}: ${found.evidence}` });
      }
      const [worst] = verdicts.toSorted((a, b) => a.ofFloor - b.ofFloor);
      if (worst === undefined || worst.verdict === 'not_run') {
        return notRun('no timed answer is long enough');
      }
      const { verdict, evidence } = worst;
      return { verdict, evidence };
    },
  }),
};

interface FloorVerdict extends CheckVerdict {
  /** Of the time that the floor asks for; below 1 is below it. */
  ofFloor: number;
}

/** Medians of one profile against the floor. */
export function judgeFloor(
  times: readonly FloorTimes[],
  { passMs, method }: Pick<WeightsPass, 'passMs' | 'method'>,
): FloorVerdict {
  // One for the first token, which no draft gives; then as many tokens a pass as may be.
  const first = median(times.map(({ ttftMs }) => ttftMs / passMs));
  const decode = median(
    times.flatMap((one) => {
      const passes = leastPasses(one);
      return passes === 0 ? [] : [decodeTime(one) / (passes * passMs)];
    }),
  );
  const perToken = median(
    times.flatMap((one) => {
      const tokens = one.tokens - (one.chunks > 1 ? one.firstTokens : 0);
      return leastPasses(one) === 0 ? [] : [decodeTime(one) / tokens];
    }),
  );
  const ofFloor = Math.min(first ?? Infinity, decode ?? Infinity);
  if (!Number.isFinite(ofFloor)) return { ...notRun('nothing to time'), ofFloor };
  const ttftMs = median(times.map((one) => one.ttftMs));
  const told = `${decode === null ? '' : `${ms(perToken)} a token, at least ${(passMs / tokensPerPass).toFixed(3)} ms with ${tokensPerPass} tokens a pass; `}first token after ${ms(ttftMs)}, at least ${passMs.toFixed(3)} ms for a pass (${method})`;
  if (ofFloor >= 1) return { ...pass(told), ofFloor };
  const short = `${ofFloor.toFixed(3)} of what memory allows: ${told}`;
  return { ...(ofFloor < impossible ? fail(short) : flag(short)), ofFloor };
}

/** An answer in one piece has no time between its chunks: the whole of it counts. */
const decodeTime = ({ chunks, spanMs, latencyMs }: FloorTimes) => (chunks > 1 ? spanMs : latencyMs);

/** Passes that lie between the first chunk and the last, however tokens fell on them. */
const leastPasses = ({ tokens, firstTokens, chunks }: FloorTimes) =>
  Math.max(0, Math.floor((tokens - (chunks > 1 ? firstTokens : 0)) / tokensPerPass));
