import type { HonestVariant, NoiseFloor, TokenAgreement } from '../../model/index.ts';
import { clopperPearson } from '../../stats/index.ts';
import type { CheckVerdict } from './check.ts';
import { percent } from './numbers.ts';
import { hardGapNats, type Replay } from './replay.ts';

/** Beyond the worst honest variant: settings that nobody measured are honest too. */
const allowedShare = 0.05;
const allowedNats = 0.1;

export const agreementOf = ({ tokens }: Replay): TokenAgreement => ({
  tokens: tokens.length,
  agree: tokens.filter(({ gapNats }) => gapNats <= hardGapNats).length,
});

const shareOf = ({ tokens, agree }: TokenAgreement) => agree / tokens;

/**
 * Greedy tokens against those of honest variants: fails what is shown to agree less, by more than an
 * allowance (bounds by Clopper and Pearson: 95 % of the floor, 99 % of the server), flags what merely
 * agrees less.
 */
export function judgeAgreement(
  own: TokenAgreement,
  floor: NoiseFloor,
  which: 'alone' | 'burst',
): CheckVerdict {
  const worst = worstOf(floor, (one) => shareOf(one[which]));
  const { tokens, agree } = worst[which];
  const bound = clopperPearson(agree, tokens, 0.9).low;
  const upper = clopperPearson(own.agree, own.tokens, 0.98).high;
  const evidence = `${percent(shareOf(own))} of ${own.tokens} tokens agree with the reference, of honest variants at least ${percent(agree / tokens)} of ${tokens} (${worst.id}; ${percent(bound)} with 95 % confidence)`;
  if (upper < bound - allowedShare) return { verdict: 'fail', evidence };
  return { verdict: shareOf(own) < bound ? 'flag' : 'pass', evidence };
}

/** Sampled tokens in the same way; null where the floor has none. */
export function judgeExcess(
  own: { mean: number; se: number },
  floor: NoiseFloor,
): CheckVerdict | null {
  const known = worstSampled(floor);
  if (known === null) return null;
  const { id, meanNats, seNats, bound } = known;
  const least = own.mean - 3 * own.se;
  const evidence = `${own.mean.toFixed(3)} ± ${own.se.toFixed(3)} nats a token less probable than the reference's own, honest variants up to ${meanNats.toFixed(3)} ± ${seNats.toFixed(3)} (${id})`;
  if (least > bound + allowedNats) return { verdict: 'fail', evidence };
  return { verdict: least > bound ? 'flag' : 'pass', evidence };
}

/** Nats a token that fail a server, where they are shown; null where the floor has none. */
export function excessLimit(floor: NoiseFloor): number | null {
  const known = worstSampled(floor);
  return known === null ? null : known.bound + allowedNats;
}

function worstSampled(floor: NoiseFloor) {
  const variants = floor.variants.filter(({ sampled }) => sampled !== null);
  if (variants.length === 0) return null;
  const worst = worstOf({ ...floor, variants }, (one) => -(one.sampled?.meanNats ?? 0));
  const { meanNats = 0, seNats = 0 } = worst.sampled ?? {};
  return { id: worst.id, meanNats, seNats, bound: meanNats + 3 * seNats };
}

function worstOf(
  { variants }: NoiseFloor,
  goodness: (variant: HonestVariant) => number,
): HonestVariant {
  const [first, ...rest] = variants;
  if (first === undefined) throw new Error('a noise floor without variants');
  return rest.reduce((worst, one) => (goodness(one) < goodness(worst) ? one : worst), first);
}
