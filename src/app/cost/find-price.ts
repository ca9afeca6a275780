import type { Price, SystemInfo } from '../../model/index.ts';
import type { PriceRow } from './read-prices.ts';

export interface PriceQuestion {
  /** `--price-per-hour`. */
  pricePerHour: number | null;
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
  const { pricePerHour, rows, url, model, system, date } = question;
  if (pricePerHour !== null) {
    const item = 'everything that serves the model';
    const source = '--price-per-hour';
    return { kind: 'instance', item, usdPerHour: pricePerHour, source, date };
  }
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  for (const row of rows) {
    const { source } = row;
    if (row.kind === 'tokens' && row.host === host && row.model === model) {
      const { usdPerMillionInput, usdPerMillionCachedInput, usdPerMillionOutput } = row;
      return {
        kind: 'tokens',
        item: `${model} at ${host}`,
        usdPerMillionInput,
        usdPerMillionCachedInput,
        usdPerMillionOutput,
        source,
        date: row.date,
      };
    }
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
