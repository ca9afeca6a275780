import type { Answer } from '../judge/ports.ts';
import {
  always,
  type Check,
  type CheckVerdict,
  type Evidence,
  fail,
  flag,
  notRun,
  pass,
} from './check.ts';
import { judgeDecided } from './decided.ts';
import { percent } from './numbers.ts';
import { excessNats, hardShare, type Replay, replay, sampleOf } from './replay.ts';

const mostProbes = 16;
/** As many as `token-divergence` replays. */
const mostTimed = 32;
const leastTokens = 100;
/** Nats a token between the two, beyond three standard errors. */
const apart = 0.4;
const odd = 0.2;
/** Of greedy tokens. */
const apartShare = 0.1;
const oddShare = 0.03;

/**
 * What is timed has to be as probable to the reference as what the same server says at the gate: a
 * difference is another model, or other arithmetic, for one of them. Without a gate, probes of the
 * same temperature stand in for it.
 */
export const timedConsistency: Check = {
  id: 'timed-consistency',
  kind: 'integrity',
  required: always,
  open: () => ({
    async verdict(evidence) {
      const { oracle, size } = evidence;
      const timed = evidence.timed.flatMap(({ answers }) => answers);
      const [own, other] = [
        await replay(oracle, sampleOf(timed, mostTimed), size.temperature),
        await replay(oracle, sampleOf(probesOf(evidence, timed), mostProbes), size.temperature),
      ];
      const found = `${own.tokens.length} timed tokens, ${other.tokens.length} of ${evidence.gate.length > 0 ? 'the gate' : 'probes'}`;
      if (Math.min(own.tokens.length, other.tokens.length) < leastTokens) {
        return notRun(`only ${found}`);
      }
      return size.temperature === 0
        ? judgeGreedy(own, other, found)
        : judgeSampled(own, other, found);
    },
  }),
};

function probesOf({ gate, all, size }: Evidence, timed: readonly Answer[]): readonly Answer[] {
  if (gate.length > 0) return gate;
  const counted = new Set(timed);
  return all.filter(
    (one) =>
      !counted.has(one) && one.ask.canary === undefined && one.ask.temperature === size.temperature,
  );
}

function judgeSampled(timed: Replay, probed: Replay, found: string): CheckVerdict {
  const [own, other] = [excessNats(timed), excessNats(probed)];
  if (own === null || other === null) return notRun(found);
  const se = Math.hypot(own.se, other.se);
  const told = `${found}: ${own.mean.toFixed(3)} and ${other.mean.toFixed(3)} nats a token less probable than the reference's own (difference ± ${se.toFixed(3)})`;
  const beyond = Math.abs(own.mean - other.mean) - 3 * se;
  if (beyond > apart) return fail(told);
  return beyond > odd ? flag(told) : pass(told);
}

function judgeGreedy(timed: Replay, probed: Replay, found: string): CheckVerdict {
  const [own, other] = [hardShare(timed) ?? 0, hardShare(probed) ?? 0];
  const decided = judgeDecided(timed, probed);
  const told = `${found}: ${percent(own)} and ${percent(other)} are not what greedy decoding chooses; ${decided.evidence}`;
  const difference = Math.abs(own - other);
  if (difference > apartShare || decided.verdict === 'fail') return fail(told);
  return difference > oddShare || decided.verdict === 'flag' ? flag(told) : pass(told);
}
