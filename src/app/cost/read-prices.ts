import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BenchError, messageOf, packageFile } from '../../core/index.ts';

/** A row of a prices file: a provider's tokens, or a GPU by the hour. */
export type PriceRow = (
  | {
      kind: 'tokens';
      /** Host name of the endpoint, without port. */
      host: string;
      /** Model id, exactly as it is asked for. */
      model: string;
      usdPerMillionInput: number;
      usdPerMillionCachedInput: number | null;
      usdPerMillionOutput: number;
    }
  | {
      kind: 'gpu-hour';
      /** Word of the GPU's name: `H100`. */
      gpu: string;
      usdPerGpuHour: number;
    }
) & { source: string; date: string };

const schemaId = 'inferencebench.prices.v1';
const shippedFile = packageFile('assets/prices.json');

/**
 * The rows to look a price up in. A provider's list prices come with bench and always apply; GPU
 * prices differ by a factor of ten between providers, so those apply only when they are asked for.
 *
 * @param asked `--prices`: a file, or `shipped`
 * @throws BenchError USAGE_PRICES_FILE
 */
export async function readPrices(asked: string | null, cwd: string): Promise<PriceRow[]> {
  if (asked !== null && asked !== 'shipped') return readPricesFile(resolve(cwd, asked));
  const shipped = await readPricesFile(shippedFile);
  return asked === 'shipped' ? shipped : shipped.filter(({ kind }) => kind === 'tokens');
}

/** @throws BenchError USAGE_PRICES_FILE */
export async function readPricesFile(file: string): Promise<PriceRow[]> {
  const bad = (what: string) =>
    new BenchError('USAGE_PRICES_FILE', `Prices file "${file}": ${what}.`, {
      hint: 'docs/guides/capacity-plan.md has an example; each row needs its source and its date.',
    });
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw bad(messageOf(error));
  }
  const { schema, prices } = isObject(value) ? value : {};
  if (schema !== schemaId) throw bad(`its schema is ${JSON.stringify(schema)}, not "${schemaId}"`);
  if (!Array.isArray(prices)) throw bad('"prices" is not a list');
  return prices.map((row: unknown, i) => {
    const problem = isObject(row) ? problemOf(row) : 'it is not an object';
    if (problem !== null) throw bad(`row ${i + 1}: ${problem}`);
    return row as PriceRow;
  });
}

const texts = { tokens: ['host', 'model'], 'gpu-hour': ['gpu'] };
const amounts = {
  tokens: ['usdPerMillionInput', 'usdPerMillionOutput'],
  'gpu-hour': ['usdPerGpuHour'],
};

function problemOf(row: Record<string, unknown>): string | null {
  const { kind } = row;
  if (kind !== 'tokens' && kind !== 'gpu-hour') return '"kind" is not "tokens" or "gpu-hour"';
  const isText = (key: string) => typeof row[key] === 'string' && row[key] !== '';
  const text = [...texts[kind], 'source'].find((key) => !isText(key));
  if (text !== undefined) return `"${text}" is not a text`;
  const isAmount = (amount: unknown) =>
    typeof amount === 'number' && Number.isFinite(amount) && amount >= 0;
  const amount = amounts[kind].find((key) => !isAmount(row[key]));
  if (amount !== undefined) return `"${amount}" is not an amount`;
  const cached = row['usdPerMillionCachedInput'];
  if (kind === 'tokens' && cached !== null && !isAmount(cached)) {
    return '"usdPerMillionCachedInput" is not an amount or null';
  }
  return /^\d{4}-\d{2}(-\d{2})?$/.test(String(row['date'])) ? null : '"date" is not YYYY-MM[-DD]';
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
