import { BenchError, didYouMean } from '../../core/index.ts';
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

/**
 * Flag over environment over config file over default, each value parsed by its own option.
 *
 * @param flags option key -> raw value, only what was given on the command line
 * @param config config-file key (kebab, snake or camel case) -> raw value
 * @throws BenchError USAGE_BAD_VALUE, USAGE_UNKNOWN_CONFIG_KEY
 */
export function resolveOptions<T extends object>(
  table: OptionTable<T>,
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
  config: Readonly<Record<string, unknown>>,
): T {
  const keys = Object.keys(table) as (keyof T & string)[];
  const byConfigKey = new Map(keys.map((key) => [configKey(table[key]), key]));
  const fromConfig = new Map<string, unknown>();
  for (const [name, value] of Object.entries(config)) {
    const kebab = name
      .replaceAll('_', '-')
      .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
      .toLowerCase();
    const key = byConfigKey.get(kebab);
    if (key === undefined) {
      throw new BenchError(
        'USAGE_UNKNOWN_CONFIG_KEY',
        `Unknown key "${name}" in the config file.${didYouMean(kebab, [...byConfigKey.keys()])}`,
        { hint: 'Keys are the long flags without the dashes; see docs/reference/cli.md.' },
      );
    }
    fromConfig.set(key, value);
  }
  const resolve = <K extends keyof T & string>(key: K): T[K] => {
    const spec = table[key];
    const flag = longFlag(spec);
    if (flags[key] !== undefined) return spec.parse(flags[key], flag);
    const envValue = spec.env === undefined ? undefined : env[spec.env];
    if (envValue !== undefined && envValue !== '') return spec.parse(envValue, spec.env ?? flag);
    const configValue = fromConfig.get(key);
    if (configValue !== undefined && configValue !== null) {
      return spec.parse(configValue, `${configKey(spec)} (config file)`);
    }
    return spec.default;
  };
  return Object.fromEntries(keys.map((key) => [key, resolve(key)])) as T;
}
