import type { Price, SystemInfo, TokenPrice } from '../../model/index.ts';
import type { PriceRow } from './read-prices.ts';

export interface PriceQuestion {
  /** `--price-per-hour`. */
  pricePerHour: number | null;
  /** `--price-input` and `--price-output`, USD per million tokens; both or neither. */
  priceInput: number | null;
  priceOutput: number | null;
  rows: readonly PriceRow[];
  url: string;
  model: string;
  system: Pick<SystemInfo, 'gpu' | 'gpuCount'>;
  /** Of the run: the date of a price that was stated for it. */
  date: string;
}

/**
 * The price of what was measured; null where none is known. Nothing is guessed: tokens need the
 * endpoint's host and the very model id, GPUs a word of their name and their number.
 */
export function findPrice(question: PriceQuestion): Price | null {
  const { pricePerHour, rows, system, date } = question;
  if (pricePerHour !== null) {
    const item = 'everything that serves the model';
    const source = '--price-per-hour';
    return { kind: 'instance', item, usdPerHour: pricePerHour, source, date };
  }
  const tokens = findTokenPrice(question);
  if (tokens !== null) return tokens;
  for (const row of rows) {
    const { source } = row;
    const count = system.gpuCount.value;
    if (row.kind !== 'gpu-hour' || count === null || count === 0) continue;
    const words = (system.gpu.value ?? '').toLowerCase().split(/[^a-z0-9]+/);
    if (!words.includes(row.gpu.toLowerCase())) continue;
    const usdPerHour = count * row.usdPerGpuHour;
    const item = `${count}x ${row.gpu} at ${row.usdPerGpuHour} USD per GPU-hour`;
    return { kind: 'instance', item, usdPerHour, source, date: row.date };
  }
  return null;
}

/** What a token costs; null where nobody says. */
export function findTokenPrice(
  question: Omit<PriceQuestion, 'pricePerHour' | 'system'>,
): TokenPrice | null {
  const { priceInput, priceOutput, rows, url, model, date } = question;
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  const item = `${model} at ${host}`;
  if (priceInput !== null && priceOutput !== null) {
    return {
      kind: 'tokens',
      item,
      usdPerMillionInput: priceInput,
      usdPerMillionCachedInput: null,
      usdPerMillionOutput: priceOutput,
      source: '--price-input and --price-output',
      date,
    };
  }
  for (const row of rows) {
    if (row.kind !== 'tokens' || row.host !== host || row.model !== model) continue;
    const { usdPerMillionInput, usdPerMillionCachedInput, usdPerMillionOutput, source } = row;
    const prices = { usdPerMillionInput, usdPerMillionCachedInput, usdPerMillionOutput };
    return { kind: 'tokens', item, ...prices, source, date: row.date };
  }
  return null;
}
