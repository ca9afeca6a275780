import type { Answer, Ask } from '../judge/ports.ts';
import { always, type Check, fail, flag, notRun, pass } from './check.ts';
import { drawGreedyLengths } from './lengths.ts';
import { agreementOf, judgeAgreement } from './noise-floor.ts';
import { percent } from './numbers.ts';
import { hardShare, replay } from './replay.ts';
import { matchTokens, type TokenMatch, tellMatch } from './token-match.ts';

const prompts = 6;

const isOk = ({ outcome }: Answer) => outcome === 'ok';

/**
 * Greedy answers against the reference's: the longest common beginning in tokens, and how many of
 * the returned tokens the reference would have chosen in their place. The first falls with every
 * near tie that flips, so only the second decides. Where the scenario itself is greedy, the first is
 * of all timed answers, else of a few probes; the second is of probes, sent alone.
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
            asks.push(await makeAsk({ seed, ...drawGreedyLengths(size, seed), temperature: 0 }));
          }
          if (size.temperature === 0) return;
          const traffic = { arrival: 'burst', maxInFlight: 1, rateRps: null, seed: 0 } as const;
          reference = await server.send({ id: 'greedy', asks, ...traffic, timed: false });
        },
        async probe({ ask }) {
          answers = await ask('greedy', asks);
        },
        async verdict({ oracle, countOutput, size, pairs }) {
          const isGreedy = size.temperature === 0;
          const probed = answers.flatMap((own, at) => {
            const wanted = reference[at];
            return wanted?.outcome === 'ok' ? [{ own, reference: wanted }] : [];
          });
          const match = await matchTokens(isGreedy ? pairs : probed, countOutput);
          if (match !== null && (isGreedy || answers.some(isOk))) onMatch(match);
          if (match === null || !answers.some(isOk)) return notRun('no greedy answer to compare');
          const replayed = await replay(oracle, answers, 0);
          const inCommon = tellMatch(match, `${isGreedy ? 'timed ' : ''}greedy answers`);
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
