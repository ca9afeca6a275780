import { readdir } from 'node:fs/promises';
import type { ZodType } from 'zod';
import { type BenchError, pathTrouble, readNamedFile } from '../core/index.ts';

/** Names in a folder of the package, sorted. */
export async function shippedNames(folder: string): Promise<string[]> {
  return (await readdir(folder)).toSorted();
}

/**
 * A JSON file of data, checked.
 * @param bad makes the error, from what is wrong with the file
 */
export async function readDataFile<T>(
  file: string,
  schema: ZodType<T>,
  bad: (why: string) => BenchError,
): Promise<{ value: T; text: string }> {
  let text: string;
  let json: unknown;
  try {
    text = (await readNamedFile(file)).toString('utf8');
    json = JSON.parse(text);
  } catch (error) {
    throw bad(pathTrouble(error, 'file'));
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { value: parsed.data, text };
  const [issue] = parsed.error.issues;
  throw bad(issue === undefined ? 'not valid' : `${issue.path.join('.')}: ${issue.message}`);
}
