import type { z } from 'zod';
import { BenchError, didYouMean, messageOf } from '../core/index.ts';
import { type SimSpec, simSpecSchema } from './sim-spec.ts';
import { wireSchema } from './wire-spec.ts';

/**
 * Checks a spec (an object, or its JSON text) and fills in the defaults.
 * @throws BenchError `USAGE_SIM_SPEC` that names every offending field with its value.
 */
export function parseSimSpec(input: unknown): SimSpec {
  const value = typeof input === 'string' ? parseJson(input) : input;
  const result = simSpecSchema.safeParse(value);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => describeIssue(issue, value));
  throw new BenchError('USAGE_SIM_SPEC', `Simulated server: ${lines.join('; ')}.`, {
    hint: `Fields: ${Object.keys(simSpecSchema.shape).join(', ')}.`,
    details: { fields: result.error.issues.map((issue) => issue.path.join('.')) },
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BenchError(
      'USAGE_SIM_SPEC',
      `Simulated server: the spec is not JSON (${messageOf(error)}): ${text.slice(0, 80)}`,
      { hint: 'Pass one JSON object, for example {"slots": 4}.' },
    );
  }
}

function describeIssue(issue: z.core.$ZodIssue, root: unknown): string {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(path === 'wire' ? wireSchema.shape : simSpecSchema.shape);
    const where = path === '' ? '' : ` in ${path}`;
    return issue.keys
      .map((key) => `unknown field "${key}"${where}${didYouMean(key, known)}`)
      .join('; ');
  }
  const value = JSON.stringify(valueAt(root, issue.path)) ?? 'nothing';
  return `${path || 'spec'} = ${value.slice(0, 80)}: ${issue.message}`;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (value === null || typeof value !== 'object') return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
