import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BenchError, messageOf } from '../../core/index.ts';

/**
 * Reads a YAML (or JSON) config file: a map from option name to value.
 *
 * @throws BenchError USAGE_CONFIG_UNREADABLE, USAGE_CONFIG_INVALID with line and column
 */
export async function readConfigFile(cwd: string, path: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(resolve(cwd, path), 'utf8');
  } catch (error) {
    throw new BenchError(
      'USAGE_CONFIG_UNREADABLE',
      `Cannot read --config ${path}: ${messageOf(error)}`,
      {
        hint: 'Check the path; it is taken relative to the working directory.',
      },
    );
  }
  const { parse } = await import('yaml');
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw new BenchError('USAGE_CONFIG_INVALID', `--config ${path}: ${messageOf(error)}`, {
      hint: 'It has to be a YAML map such as "rate: [1, 2, 5]".',
    });
  }
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new BenchError('USAGE_CONFIG_INVALID', `--config ${path}: not a map of options.`, {
      hint: 'It has to be a YAML map such as "rate: [1, 2, 5]".',
    });
  }
  return value as Record<string, unknown>;
}
