import { BenchError, didYouMean } from '../../core/index.ts';

/**
 * One option, stated once: parsing, help, environment name, config key and docs all come from it.
 * The value type is what the command receives.
 */
export interface OptionSpec<T> {
  /** As commander writes it: `--rate <list>`. */
  flags: string;
  /** Heading in `--help` and the docs. */
  group: string;
  description: string;
  /** Text or a config file's value to the setting; throws BenchError USAGE_*. */
  parse(value: unknown, flag: string): T;
  default: T;
  /** How the default is shown; absent = not shown. */
  defaultText?: string;
  env?: string;
  choices?: readonly string[];
  /** A value as it should be, shown where one that was given is not valid. */
  example?: string;
  /** Other long flags for the same, such as those of `vllm bench serve`. */
  aliases?: readonly string[];
  /** Offered by shell completion, not enforced: `parse` says what is wrong with others. */
  suggest?: readonly string[];
  /** Value of the flag when it is given without one (`--sustained [seconds]`). */
  bare?: T;
  /** The flag may be given several times; each value is collected. */
  repeatable?: boolean;
}

function bad(flag: string, value: unknown, wanted: string): BenchError {
  const shown = value !== null && typeof value === 'object' ? JSON.stringify(value) : String(value);
  return new BenchError('USAGE_BAD_VALUE', `${flag}: "${shown}" is not ${wanted}.`);
}

export function parseText(value: unknown, flag: string): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  if (typeof value === 'number') return String(value);
  throw bad(flag, value, 'a text');
}

export function parseBoolean(value: unknown, flag: string): boolean {
  if (typeof value === 'boolean') return value;
  if (value === 'true') return true;
  if (value === 'false') return false;
  throw bad(flag, value, 'true or false');
}

/** A finite number within bounds; bounds are inclusive unless `above` is used. */
export function numberIn(bounds: {
  min?: number;
  above?: number;
  max?: number;
  integer?: boolean;
}): (value: unknown, flag: string) => number {
  return (value, flag) => {
    const number = typeof value === 'number' ? value : Number(String(value).trim() || 'x');
    const { min = Number.NEGATIVE_INFINITY, above = Number.NEGATIVE_INFINITY } = bounds;
    const { max = Number.POSITIVE_INFINITY, integer = false } = bounds;
    const fits = Number.isFinite(number) && number >= min && number > above && number <= max;
    if (fits && (!integer || Number.isInteger(number))) return number;
    throw bad(flag, value, describeBounds(bounds));
  };
}

function describeBounds(bounds: {
  min?: number;
  above?: number;
  max?: number;
  integer?: boolean;
}): string {
  const parts = [bounds.integer === true ? 'a whole number' : 'a number'];
  if (bounds.above !== undefined) parts.push(`above ${bounds.above}`);
  if (bounds.min !== undefined) parts.push(`of at least ${bounds.min}`);
  if (bounds.max !== undefined) parts.push(`up to ${bounds.max}`);
  return parts.join(' ');
}

/** `1,4,16` (or a YAML list) to numbers, each within bounds, ascending and distinct. */
export function numberListIn(
  bounds: Parameters<typeof numberIn>[0],
): (value: unknown, flag: string) => number[] {
  const one = numberIn(bounds);
  return (value, flag) => {
    const items = Array.isArray(value) ? value : String(value).split(',');
    const numbers = items.map((item) => one(item, flag));
    return [...new Set(numbers)].sort((a, b) => a - b);
  };
}

/** `K=V` pairs, given several times, or a YAML map. */
export function parsePairs(value: unknown, flag: string): Record<string, string> {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, String(v)]));
  }
  const items = Array.isArray(value) ? value : [value];
  return Object.fromEntries(
    items.map((item) => {
      const match = /^([^=:\s]+)\s*[=:]\s*(.*)$/s.exec(String(item));
      if (match === null) throw bad(flag, item, 'of the form NAME=VALUE');
      return [match[1], match[2]];
    }),
  );
}

export function parseJsonObject(value: unknown, flag: string): Record<string, unknown> {
  let parsed: unknown = value;
  if (typeof value === 'string') {
    try {
      parsed = JSON.parse(value);
    } catch {
      throw bad(flag, value, 'a JSON object');
    }
  }
  if (parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed)) {
    return parsed as Record<string, unknown>;
  }
  throw bad(flag, value, 'a JSON object');
}

export function oneOf<const C extends readonly string[]>(
  choices: C,
): (value: unknown, flag: string) => C[number] {
  return (value, flag) => {
    const text = String(value);
    if ((choices as readonly string[]).includes(text)) return text;
    throw new BenchError(
      'USAGE_BAD_VALUE',
      `${flag}: "${text}" is not one of ${choices.join(', ')}.${didYouMean(text, choices)}`,
    );
  };
}

export function parseTexts(value: unknown, flag: string): string[] {
  return (Array.isArray(value) ? value : [value]).map((item) => parseText(item, flag));
}

export function parseUrls(value: unknown, flag: string): string[] {
  return (Array.isArray(value) ? value : [value]).map((item) => parseUrl(item, flag));
}

/** An http(s) URL; a bare `host:port` gets `http://`. */
export function parseUrl(value: unknown, flag: string): string {
  const text = parseText(value, flag);
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  // One word is a mistyped something sooner than a host: with a port or a path it is one.
  if (withScheme !== text && !/[.:/]/.test(text) && text !== 'localhost') {
    throw bad(flag, value, 'a URL such as http://localhost:8000/v1');
  }
  let url: URL;
  try {
    url = new URL(withScheme);
  } catch {
    throw bad(flag, value, 'a URL such as http://localhost:8000/v1');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw bad(flag, value, 'an http or https URL');
  }
  return withScheme.replace(/\/+$/, '');
}
