import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * The last line of an engine's log that each pattern matches; null where none does, or no log is
 * there. Engines are started into the log of the run before them: what is last counts.
 */
export async function searchLog<K extends string>(
  path: string,
  patterns: Readonly<Record<K, RegExp>>,
): Promise<Record<K, RegExpExecArray | null>> {
  const names = Object.keys(patterns) as K[];
  const found = Object.fromEntries(names.map((name) => [name, null])) as Record<
    K,
    RegExpExecArray | null
  >;
  const stream = createReadStream(path, 'utf8');
  // Without it a file that is not there ends the process; the loop below throws, too.
  stream.on('error', () => {});
  try {
    for await (const line of createInterface({
      input: stream,
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      for (const name of names) found[name] = patterns[name].exec(line) ?? found[name];
    }
  } catch {
    // What was read until then is what there is.
  }
  return found;
}
