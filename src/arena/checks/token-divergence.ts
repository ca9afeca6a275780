import type { Answer } from '../judge/ports.ts';
import { always, type Check, fail, flag, notRun, pass } from './check.ts';
import { agreementOf, judgeAgreement, judgeExcess } from './noise-floor.ts';
import { percent } from './numbers.ts';
import { excessNats, hardShare, replay, sampleOf } from './replay.ts';

const mostAnswers = 32;
const leastTokens = 100;
/** Nats a token above what the reference's own samples would have; weights of 4 bits have 0.1 or less. */
const other = 0.5;
const odd = 0.2;

/**
 * Whether what was timed is what the model would say: the reference replays the prompt and the
 * returned tokens in one pass. Another model, canned text and filler are improbable to it, however
 * fluent they are; the same model with other arithmetic is not.
 */
export const tokenDivergence: Check = {
  id: 'token-divergence',
  kind: 'integrity',
  required: always,
  open: () => ({
    async verdict({ oracle, timed, size }) {
      const answers: Answer[] = timed.flatMap((one) => one.answers);
      const replayed = await replay(oracle, sampleOf(answers, mostAnswers), size.temperature);
      const found = `${replayed.tokens.length} tokens of ${replayed.answers} timed answers`;
      if (replayed.tokens.length < leastTokens) return notRun(`only ${found}`);
      const floor = size.noiseFloor;
      if (size.temperature === 0 && floor !== undefined) {
        const judged = judgeAgreement(agreementOf(replayed), floor, 'burst');
        return { ...judged, evidence: `${found}: ${judged.evidence}` };
      }
      if (size.temperature === 0) {
        const hard = hardShare(replayed) ?? 0;
        const told = `${found}: ${percent(hard)} are not what greedy decoding chooses`;
        if (hard > 0.1) return fail(told);
        return hard > 0.02 ? flag(told) : pass(told);
      }
      const { mean, se } = excessNats(replayed) ?? { mean: 0, se: 0 };
      const judged = floor === undefined ? null : judgeExcess({ mean, se }, floor);
      if (judged !== null) return { ...judged, evidence: `${found}: ${judged.evidence}` };
      const told = `${found}: ${mean.toFixed(3)} ± ${se.toFixed(3)} nats a token less probable than the reference's own`;
      if (mean - 3 * se > other) return fail(told);
      return mean - 3 * se > odd ? flag(told) : pass(told);
    },
  }),
};
