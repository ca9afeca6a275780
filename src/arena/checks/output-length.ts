import {
  type AnswerPair,
  always,
  type Check,
  type Evidence,
  fail,
  flag,
  notRun,
  pass,
} from './check.ts';
import { median, percent, share, sum } from './numbers.ts';

/** Of what was asked for: shorter is no matter of encoding the text again. */
const short = 0.8;
const odd = 0.9;
const mostShort = 0.05;
/** Of the reference's answers to the same requests, which lose as much when they are encoded again. */
const leastOfReference = 0.95;
/** Engines differ by one in what they count as the first or the last. */
const oneToken = 1;

/** Whether answers have the length that was asked for; without that, an early stop is a speed-up. */
export const outputLength: Check = {
  id: 'output-length',
  kind: 'integrity',
  required: always,
  open: () => ({
    async verdict({ size, timed, pairs, countOutput }) {
      const ended = timed.flatMap(({ answers }) => answers).filter((one) => one.outcome === 'ok');
      if (ended.length === 0) return notRun('no timed answer ended well');
      const counts = await countOutput(ended);
      const shares = counts.map((count, i) => count / (ended[i]?.ask.outputTokens ?? 1));
      const figures = `${ended.length} timed answers, median ${median(shares)?.toFixed(3)} of the tokens asked for, shortest ${Math.min(...shares).toFixed(3)}`;
      if (size.ignoreEos) {
        const tooShort = shares.filter((one) => one < short).length;
        const told = `${figures}; ${share(tooShort, ended.length)} below ${short}`;
        if (tooShort > mostShort * ended.length) return fail(told);
        const ratio = await ofReference(pairs, countOutput);
        if (ratio !== null && ratio < leastOfReference) {
          return fail(
            `${told}; in all ${percent(ratio)} of the reference's, a token each allowed for`,
          );
        }
        return shares.some((one) => one < odd || one > 1.1) ? flag(told) : pass(told);
      }
      const both = pairs.filter((one) => one.own.outcome === 'ok');
      if (both.length === 0) return pass(`${figures}; end tokens end an answer here`);
      const mean = (values: readonly number[]) => sum(values) / values.length;
      const [own, others] = [both.map((one) => one.own), both.map((one) => one.reference)];
      const ratio = mean(await countOutput(own)) / mean(await countOutput(others));
      const told = `${figures}; mean ${ratio.toFixed(2)} of the reference's`;
      if (ratio < 0.5) return fail(told);
      return Math.abs(ratio - 1) > 0.1 ? flag(told) : pass(told);
    },
  }),
};

/** Tokens of all answers against the reference's to the same requests; null without any. */
async function ofReference(
  pairs: readonly AnswerPair[],
  countOutput: Evidence['countOutput'],
): Promise<number | null> {
  const both = pairs.filter(
    ({ own, reference }) => own.outcome === 'ok' && reference.outcome === 'ok',
  );
  const own = await countOutput(both.map((one) => one.own));
  const others = sum(await countOutput(both.map((one) => one.reference)));
  return others === 0 ? null : sum(own.map((count) => count + oneToken)) / others;
}
