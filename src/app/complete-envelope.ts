import type { Envelope, LevelSummary, MetricValues, Price } from '../model/index.ts';
import { checklistOf } from '../protocols/index.ts';
import { costOfLevel } from './cost/cost-of-level.ts';
import { missingReasons } from './missing-reasons.ts';

/**
 * Adds what follows from the rest of a result: cost, power and energy of the headline level with
 * the reasons where there is none, and the checklist.
 *
 * @param price null = unknown
 */
export function completeEnvelope(envelope: Envelope, price: Price | null): Envelope {
  const level = envelope.levels.find(({ index }) => index === envelope.headline) ?? null;
  const cost = price === null ? null : costOfLevel(price, level);
  const power = powerMetrics(envelope, level);
  const values: MetricValues = {
    ...envelope.metrics.values,
    ...power.values,
    cost_usd_per_million_tokens: cost?.usdPerMillionTokens ?? null,
    cost_usd_per_million_output_tokens: cost?.usdPerMillionOutputTokens ?? null,
  };
  const reasons = {
    ...missingReasons(envelope, level),
    ...envelope.metrics.reasons,
    ...power.reasons,
    ...(price === null && { cost_usd_per_million_tokens: noPrice }),
  };
  const completed = { ...envelope, metrics: { ...envelope.metrics, values, reasons } };
  if (envelope.method === undefined) return completed;
  const checklist = checklistOf(completed);
  return { ...completed, method: { ...envelope.method, checklist, cost } };
}

const noPrice = 'no price is known: give --price-per-hour or --prices';

function powerMetrics({ power: info, metrics }: Envelope, level: LevelSummary | null) {
  const { avgW = null, energyJ = null, reason = null } = level?.power ?? {};
  const tokensPerS = metrics.values['throughput_tok_s'];
  const perToken =
    avgW !== null && typeof tokensPerS === 'number' && tokensPerS > 0 ? avgW / tokensPerS : null;
  const values = { power_avg_w: avgW, energy_j: energyJ, joules_per_token: perToken };
  const why = avgW !== null ? null : (reason ?? info?.reason ?? null);
  const reasons: Record<string, string> =
    why === null ? {} : { power_avg_w: why, energy_j: why, joules_per_token: why };
  return { values, reasons };
}
