import { BenchError, didYouMean, isBenchError } from '../../core/index.ts';
import type { OptionSpec } from './option.ts';

export type OptionTable<T> = { [K in keyof T]: OptionSpec<T[K]> };

/** `--max-concurrency <list>` -> `--max-concurrency`. */
export function longFlag(spec: { flags: string }): string {
  return spec.flags.split(/[ ,=<[]/).find((part) => part.startsWith('--')) ?? spec.flags;
}

/** The name in a config file: the flag without dashes in front, `no-` taken off. */
export function configKey(spec: { flags: string }): string {
  return longFlag(spec).replace(/^--(no-)?/, '');
}

/** Option keys that a config file sets, by whatever spelling; unknown names are left out. */
export function configKeys<T extends object>(
  table: OptionTable<T>,
  config: Readonly<Record<string, unknown>>,
): (keyof T & string)[] {
  const byConfigKey = keysByConfigKey(table);
  return Object.keys(config).flatMap((name) => byConfigKey.get(kebabCase(name)) ?? []);
}

/** What a config file says of these keys, as one would write it on the command line. */
export function configAsFlags<T extends object>(
  table: OptionTable<T>,
  keys: readonly (keyof T & string)[],
  config: Readonly<Record<string, unknown>>,
): string[] {
  const byConfigKey = keysByConfigKey(table);
  const values = new Map(
    Object.entries(config).map(([name, value]) => [byConfigKey.get(kebabCase(name)), value]),
  );
  return keys.flatMap((key) => {
    const spec = table[key];
    const value = values.get(key);
    const flag = longFlag(spec);
    if (value === null || value === undefined) return [];
    if (typeof value === 'boolean') return value === spec.default ? [] : [flag];
    if (Array.isArray(value)) {
      return spec.repeatable === true
        ? value.flatMap((item) => [flag, String(item)])
        : [flag, value.join(',')];
    }
    if (typeof value !== 'object') return [flag, String(value as string | number)];
    if (spec.repeatable !== true) return [flag, JSON.stringify(value)];
    return Object.entries(value).flatMap(([name, text]) => [flag, `${name}=${String(text)}`]);
  });
}

function keysByConfigKey<T extends object>(table: OptionTable<T>) {
  const keys = Object.keys(table) as (keyof T & string)[];
  return new Map(
    keys.flatMap((key) => {
      const aliases = (table[key].aliases ?? []).map((flag) => configKey({ flags: flag }));
      return [configKey(table[key]), ...aliases].map((name) => [name, key] as const);
    }),
  );
}

/** `inputTokens` and `input_tokens` are `input-tokens`. */
function kebabCase(name: string): string {
  return name
    .replaceAll('_', '-')
    .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase();
}

/** Behind the name of a config file's key in errors. */
const inConfigFile = ' (config file)';

/**
 * Flag over environment over config file over default, each value parsed by its own option.
 *
 * @param flags option key -> raw value, only what was given on the command line
 * @param config config-file key (kebab, snake or camel case) -> raw value
 * @param command whose `--help` an error without a hint of its own points to
 * @throws BenchError USAGE_BAD_VALUE, USAGE_UNKNOWN_CONFIG_KEY
 */
export function resolveOptions<T extends object>(
  table: OptionTable<T>,
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
  config: Readonly<Record<string, unknown>>,
  command = 'run',
): T {
  const keys = Object.keys(table) as (keyof T & string)[];
  const byConfigKey = keysByConfigKey(table);
  const fromConfig = new Map<string, unknown>();
  for (const [name, value] of Object.entries(config)) {
    const kebab = kebabCase(name);
    const key = byConfigKey.get(kebab);
    if (key === undefined) {
      throw new BenchError(
        'USAGE_UNKNOWN_CONFIG_KEY',
        `Unknown key "${name}" in the config file.${didYouMean(kebab, [...byConfigKey.keys()])}`,
        { hint: 'Keys are the long flags without the dashes; see docs/reference/cli.md.' },
      );
    }
    if (fromConfig.has(key)) {
      throw new BenchError(
        'USAGE_CONFIG_INVALID',
        `"${kebab}" is in the config file twice, the second time as "${name}".`,
        { hint: 'Keep one of them.' },
      );
    }
    fromConfig.set(key, value);
  }
  const parse = <K extends keyof T & string>(key: K, value: unknown, name: string): T[K] => {
    try {
      return table[key].parse(value, name);
    } catch (error) {
      if (!isBenchError(error) || error.hint !== undefined) throw error;
      const { example } = table[key];
      const written = name.endsWith(inConfigFile) ? `${configKey(table[key])}:` : name;
      const hint =
        example === undefined
          ? `See \`bench ${command} --help\`.`
          : `For example ${written} ${example}`;
      throw new BenchError(error.code, error.message, { hint, cause: error });
    }
  };
  const resolve = <K extends keyof T & string>(key: K): T[K] => {
    const spec = table[key];
    const flag = longFlag(spec);
    // Commander's word for an optional value that was left out.
    if (flags[key] === true && spec.bare !== undefined) return spec.bare;
    if (flags[key] !== undefined) return parse(key, flags[key], flag);
    const envValue = spec.env === undefined ? undefined : env[spec.env];
    if (envValue !== undefined && envValue !== '') return parse(key, envValue, spec.env ?? flag);
    const configValue = fromConfig.get(key);
    if (configValue !== undefined && configValue !== null) {
      return parse(key, configValue, `${configKey(spec)}${inConfigFile}`);
    }
    return spec.default;
  };
  return Object.fromEntries(keys.map((key) => [key, resolve(key)])) as T;
}
