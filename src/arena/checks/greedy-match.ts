import type { Answer, Ask } from '../judge/ports.ts';
import { always, type Check, fail, flag, notRun, pass } from './check.ts';
import { outputTokensOf, shortPromptTokens } from './lengths.ts';
import { agreementOf, judgeAgreement } from './noise-floor.ts';
import { percent, sum } from './numbers.ts';
import { hardShare, replay } from './replay.ts';

const prompts = 6;

/** The figure that scoring of the gated form needs. */
export interface TokenMatch {
  tokenMatchShare: number;
  prompts: number;
}

/**
 * Greedy answers against the reference's: the longest common beginning in tokens, and how many of
 * the returned tokens the reference would have chosen in their place. The first falls with every
 * near tie that flips, so only the second decides.
 */
export function createGreedyMatch(onMatch: (match: TokenMatch) => void): Check {
  return {
    id: 'greedy-match',
    kind: 'correctness',
    required: always,
    open() {
      const asks: Ask[] = [];
      let reference: Answer[] = [];
      let answers: Answer[] = [];
      return {
        async prepare({ size, seedOf, makeAsk, reference: server }) {
          for (let at = 0; at < prompts; at++) {
            const seed = seedOf(`greedy/${at}`);
            const inputTokens = shortPromptTokens(size);
            const outputTokens = Math.min(48, outputTokensOf(size));
            asks.push(await makeAsk({ seed, inputTokens, outputTokens, temperature: 0 }));
          }
          const traffic = { arrival: 'burst', maxInFlight: 1, rateRps: null, seed: 0 } as const;
          reference = await server.send({ id: 'greedy', asks, ...traffic, timed: false });
        },
        async probe({ ask }) {
          answers = await ask('greedy', asks);
        },
        async verdict({ oracle, countOutput, size }) {
          const pairs = answers.flatMap((answer, i) => {
            const wanted = reference[i];
            return answer.outcome === 'ok' && wanted?.outcome === 'ok' && wanted.text !== ''
              ? [{ answer, wanted }]
              : [];
          });
          if (pairs.length === 0) return notRun('no greedy answer to compare');
          const common = await countOutput(
            pairs.map(({ answer, wanted }) => ({
              ...wanted,
              text: commonStart(answer.text, wanted.text),
            })),
          );
          const whole = await countOutput(pairs.map(({ wanted }) => wanted));
          const shares = common.map((count, i) => Math.min(1, count / (whole[i] || 1)));
          // A failed request matches nothing.
          const tokenMatchShare = sum(shares) / answers.length;
          onMatch({ tokenMatchShare, prompts: answers.length });
          const replayed = await replay(oracle, answers, 0);
          const inCommon = `${answers.length} greedy answers: ${percent(tokenMatchShare)} of the tokens in common from the start`;
          if (size.noiseFloor !== undefined && replayed.tokens.length > 0) {
            const judged = judgeAgreement(agreementOf(replayed), size.noiseFloor, 'alone');
            return { ...judged, evidence: `${inCommon}; ${judged.evidence}` };
          }
          const hard = hardShare(replayed) ?? 1;
          const told = `${inCommon}; ${percent(hard)} of ${replayed.tokens.length} tokens are far from the reference's choice in their place`;
          if (hard > 0.1) return fail(told);
          return hard > 0.02 ? flag(told) : pass(told);
        },
      };
    },
  };
}

function commonStart(a: string, b: string): string {
  let end = 0;
  while (end < a.length && a[end] === b[end]) end++;
  return a.slice(0, end);
}
