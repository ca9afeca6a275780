/** A figure of a whole run rather than of one level. */
export interface RunWideDefinition {
  /** Its key. */
  id: string;
  title: string;
  unit: string;
  better: 'lower' | 'higher';
  description: string;
  formula: string;
  source: string;
}

const documented = 'The llm.inference document.';

/** Beside the headline level's metrics; null where not measured, with the reason in `reasons`. */
export const runWideDefinitions = [
  {
    id: 'goodput_at_slo',
    title: 'Goodput at SLO',
    unit: 'req/s',
    better: 'higher',
    description:
      'Requests that arrived per second at the highest level of a sweep at which every SLO is met and the server keeps up, with every lower level doing so too; 0 where the lowest fails.',
    formula: 'offered_rps at max rate r: every measured rate <= r meets every SLO',
    source: documented,
  },
  {
    id: 'goodput_at_slo_planned_rps',
    title: 'Goodput at SLO, planned rate',
    unit: 'req/s',
    better: 'higher',
    description:
      'Rate that was planned for the level of goodput_at_slo: what arrives by chance differs from it.',
    formula: 'r of goodput_at_slo',
    source: 'InferenceBench.',
  },
  {
    id: 'goodput_at_slo_tok_s',
    title: 'Goodput at SLO in tokens',
    unit: 'tok/s',
    better: 'higher',
    description: 'goodput_tok_s, which is of the first SLO, of the level of goodput_at_slo.',
    formula: 'goodput_tok_s at goodput_at_slo',
    source: documented,
  },
  {
    id: 'power_avg_w',
    title: 'Mean power',
    unit: 'W',
    better: 'lower',
    description:
      'Over the span of throughput_tok_s of the headline level, summed over what the probe covers (`power.covers`).',
    formula: 'energy_j / span',
    source: documented,
  },
  {
    id: 'energy_j',
    title: 'Energy',
    unit: 'J',
    better: 'lower',
    description:
      'Difference of the energy counters, or power integrated by the trapezoid rule, over the same span.',
    formula: 'sum over domains of E(span end) - E(span start), or of the integral of P',
    source: documented,
  },
  {
    id: 'joules_per_token',
    title: 'Energy per token',
    unit: 'J',
    better: 'lower',
    description: 'Per output token of the headline level.',
    formula: 'power_avg_w / throughput_tok_s',
    source: documented,
  },
  {
    id: 'cost_usd_per_million_tokens',
    title: 'Cost per million tokens',
    unit: 'USD',
    better: 'lower',
    description:
      'Per input and output tokens of the headline level together, by a stated or dated list price (`cost.price`).',
    formula: 'price per hour / (total_tok_s x 3600) x 10^6, or list prices over the mix',
    source: documented,
  },
  {
    id: 'cost_usd_per_million_output_tokens',
    title: 'Cost per million output tokens',
    unit: 'USD',
    better: 'lower',
    description: 'The same money over output tokens alone.',
    formula: 'price per hour / (throughput_tok_s x 3600) x 10^6, or list prices over the mix',
    source: documented,
  },
] as const satisfies readonly RunWideDefinition[];
