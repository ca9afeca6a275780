import type { Answer, Ask } from '../judge/ports.ts';
import { always, type Check, fail, flag, notRun, pass } from './check.ts';
import { judgeDecided } from './decided.ts';
import { drawGreedyLengths } from './lengths.ts';
import { agreementOf, judgeAgreement } from './noise-floor.ts';
import { percent } from './numbers.ts';
import { hardShare, replay } from './replay.ts';

const prompts = 4;
/** The same prompts twice over, so that so many are in flight. */
const inFlight = 8;
const leastTokens = 60;

/**
 * The same greedy requests alone and in a burst: what is said under load has to be as probable to
 * the reference as what is said without. A difference that comes from batching flips near ties and
 * leaves this alone.
 */
export const burstConsistency: Check = {
  id: 'burst-consistency',
  kind: 'integrity',
  required: always,
  open() {
    const asks: Ask[] = [];
    let alone: Answer[] = [];
    let burst: Answer[] = [];
    return {
      async prepare({ size, seedOf, makeAsk }) {
        for (let at = 0; at < 2 * prompts; at++) {
          const seed = seedOf(`burst/${at}`);
          asks.push(await makeAsk({ seed, ...drawGreedyLengths(size, seed), temperature: 0 }));
        }
      },
      async probe({ ask }) {
        alone = await ask('alone', asks.slice(0, prompts));
        burst = await ask('burst', asks, inFlight);
      },
      async verdict({ oracle, size }) {
        const [quiet, loaded] = [await replay(oracle, alone, 0), await replay(oracle, burst, 0)];
        const [before, under] = [hardShare(quiet), hardShare(loaded)];
        if (before === null || under === null || loaded.tokens.length < leastTokens) {
          return notRun(`only ${loaded.tokens.length} tokens in the burst`);
        }
        const told = `tokens that greedy decoding would not choose: ${percent(before)} of ${quiet.tokens.length} alone, ${percent(under)} of ${loaded.tokens.length} in a burst of ${inFlight}`;
        const decided = judgeDecided(loaded, quiet);
        if (decided.verdict === 'fail') return fail(`${told}; ${decided.evidence}`);
        if (size.noiseFloor !== undefined && under - before > 0.03) {
          const judged = judgeAgreement(agreementOf(loaded), size.noiseFloor, 'burst');
          return { ...judged, evidence: `${told}; ${judged.evidence}` };
        }
        if (under - before > 0.1) return fail(told);
        const odd = under - before > 0.03 || decided.verdict === 'flag';
        return odd ? flag(told) : pass(told);
      },
    };
  },
};
