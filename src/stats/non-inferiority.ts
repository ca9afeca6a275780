import { logGamma } from './binomial.ts';
import { normalCdf, normalQuantile } from './normal.ts';

/** Right and wrong answers to n questions in pairs, one of each side. */
export interface PairedAnswers {
  n: number;
  /** The first side was right, the second wrong. */
  lost: number;
  /** The other way round. */
  won: number;
}

/** Of one side, 5 %. */
const oneSided95 = 1.645;

/**
 * How much smaller the second side's share of right answers is: the loss, its standard error (Wald's,
 * of paired shares) and its upper bound at 95 %. Shares from 0 to 1.
 */
export function pairedLoss({ n, lost, won }: PairedAnswers): {
  loss: number;
  se: number;
  upper: number;
} {
  const loss = (lost - won) / n;
  const se = Math.sqrt(Math.max(lost + won - (lost - won) ** 2 / n, 0)) / n;
  return { loss, se, upper: loss + oneSided95 * se };
}

/** Power by the normal approximation, where the loss has this standard error and is 0 in truth. */
export const powerAt = (margin: number, se: number) =>
  se === 0 ? 1 : normalCdf(margin / se - oneSided95);

/**
 * The smallest margin for which n pairs have a power, by the normal approximation; shares from 0 to 1.
 *
 * @param discordant share of questions to which only one side is right
 */
export const leastMargin = (n: number, discordant: number, power: number) =>
  (oneSided95 + normalQuantile(power)) * Math.sqrt(discordant / n);

/**
 * How often `pairedLoss` stays below a margin for a second side that is exactly as good.
 *
 * @param discordant share of questions to which only one side is right, 0 to 1
 * @returns by the normal approximation, and summed over all that can happen
 */
export function nonInferiorityPower(
  n: number,
  margin: number,
  discordant: number,
): { normal: number; exact: number } {
  const normal = powerAt(margin, Math.sqrt(discordant / n));
  let exact = 0;
  for (let differ = 0; differ <= n; differ++) {
    const chance = binomialPmf(differ, n, discordant);
    if (chance === 0) continue;
    for (let lost = 0; lost <= differ; lost++) {
      const { upper } = pairedLoss({ n, lost, won: differ - lost });
      if (upper < margin) exact += chance * binomialPmf(lost, differ, 0.5);
    }
  }
  return { normal, exact };
}

function binomialPmf(k: number, n: number, p: number): number {
  if (p <= 0) return k === 0 ? 1 : 0;
  if (p >= 1) return k === n ? 1 : 0;
  const ways = logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
  return Math.exp(ways + k * Math.log(p) + (n - k) * Math.log1p(-p));
}
