import type { CostResult, LevelSummary, MetricValues, Price } from '../../model/index.ts';

/**
 * What the tokens of one level cost, by its own mix of input and output. An hour of hardware is
 * spread over the tokens of an hour at that load; tokens at list prices are added up over the
 * counted requests that succeeded. Null where the level lacks what it takes.
 */
export function costOfLevel(price: Price, level: LevelSummary | null): CostResult {
  const values = level?.metrics.values ?? {};
  const at = { price, level: level?.index ?? null };
  if (price.kind === 'instance') {
    const perMillion = (tokensPerS: number | null) =>
      tokensPerS === null || tokensPerS <= 0
        ? null
        : (price.usdPerHour / (tokensPerS * 3600)) * 1e6;
    return {
      ...at,
      usdPerMillionOutputTokens: perMillion(numberAt(values, 'throughput_tok_s')),
      usdPerMillionTokens: perMillion(numberAt(values, 'total_tok_s')),
      usdPerHour: price.usdPerHour,
    };
  }
  const input = numberAt(values, 'input_tokens_total');
  const output = numberAt(values, 'output_tokens_total');
  const tokensPerS = numberAt(values, 'total_tok_s');
  if (input === null || output === null || input + output === 0) {
    return { ...at, usdPerMillionOutputTokens: null, usdPerMillionTokens: null, usdPerHour: null };
  }
  const cached = input * (numberAt(values, 'cached_tokens_share') ?? 0);
  const { usdPerMillionInput, usdPerMillionOutput } = price;
  // In millionths of a dollar.
  const spent =
    (input - cached) * usdPerMillionInput +
    cached * (price.usdPerMillionCachedInput ?? usdPerMillionInput) +
    output * usdPerMillionOutput;
  const usdPerMillionTokens = spent / (input + output);
  return {
    ...at,
    usdPerMillionOutputTokens: output === 0 ? null : spent / output,
    usdPerMillionTokens,
    usdPerHour: tokensPerS === null ? null : (usdPerMillionTokens * tokensPerS * 3600) / 1e6,
  };
}

function numberAt(values: MetricValues, key: string): number | null {
  const value = values[key];
  return typeof value === 'number' ? value : null;
}
