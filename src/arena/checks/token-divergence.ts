import type { NoiseFloor } from '../../model/index.ts';
import type { Answer } from '../judge/ports.ts';
import { always, type Check, type CheckVerdict, fail, flag, notRun, pass } from './check.ts';
import { agreementOf, excessLimit, judgeAgreement, judgeExcess } from './noise-floor.ts';
import { percent } from './numbers.ts';
import { judgeParts } from './parts.ts';
import { judgeRare, rareTokensOf } from './rare-tokens.ts';
import { excessNats, hardShare, joined, type Replay, replayEach, sampleOf } from './replay.ts';

const mostAnswers = 32;
const leastTokens = 100;
/** Nats a token above what the reference's own samples would have; weights of 4 bits have 0.1 or less. */
const other = 0.5;
const odd = 0.2;

/**
 * Whether what was timed is what the model would say: the reference replays the prompt and the
 * returned tokens in one pass. Another model, canned text and filler are improbable to it, however
 * fluent they are; the same model with other arithmetic is not. Filler that is likely on average has
 * tokens that no sampler chooses, where it begins.
 */
export const tokenDivergence: Check = {
  id: 'token-divergence',
  kind: 'integrity',
  required: always,
  open: () => ({
    async verdict({ oracle, timed, size }) {
      const answers: Answer[] = timed.flatMap((one) => one.answers);
      const each = await replayEach(oracle, sampleOf(answers, mostAnswers), size.temperature);
      const replayed = joined(each);
      const found = `${replayed.tokens.length} tokens of ${replayed.answers} timed answers`;
      if (replayed.tokens.length < leastTokens) return notRun(`only ${found}`);
      const rare = rareTokensOf(replayed);
      const looks = [
        size.temperature === 0
          ? judgeGreedy(replayed, size.noiseFloor)
          : judgeSampled(replayed, size.noiseFloor),
        ...(rare === null ? [] : [judgeRare(rare)]),
        judgeParts(each, size.temperature === 0 ? null : limitOf(size.noiseFloor)),
      ];
      const verdict = (['fail', 'flag'] as const).find((one) =>
        looks.some((look) => look.verdict === one),
      );
      const evidence = `${found}: ${looks.map((look) => look.evidence).join('; ')}`;
      return { verdict: verdict ?? 'pass', evidence };
    },
  }),
};

function judgeGreedy(replayed: Replay, floor: NoiseFloor | undefined): CheckVerdict {
  if (floor !== undefined) return judgeAgreement(agreementOf(replayed), floor, 'burst');
  const hard = hardShare(replayed) ?? 0;
  const told = `${percent(hard)} are not what greedy decoding chooses`;
  if (hard > 0.1) return fail(told);
  return hard > 0.02 ? flag(told) : pass(told);
}

const limitOf = (floor: NoiseFloor | undefined) =>
  (floor === undefined ? null : excessLimit(floor)) ?? other;

function judgeSampled(replayed: Replay, floor: NoiseFloor | undefined): CheckVerdict {
  const { mean, se } = excessNats(replayed) ?? { mean: 0, se: 0 };
  const judged = floor === undefined ? null : judgeExcess({ mean, se }, floor);
  if (judged !== null) return judged;
  const told = `${mean.toFixed(3)} ± ${se.toFixed(3)} nats a token less probable than the reference's own`;
  if (mean - 3 * se > other) return fail(told);
  return mean - 3 * se > odd ? flag(told) : pass(told);
}
