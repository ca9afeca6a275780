import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { RunningEngine } from '../engines/index.ts';

/** Options whose value is of one start: where it listens and writes. */
const ofOneStart = /^--?(port|log-file|shard-uds-path)$/;

/**
 * SHA-256 of what was asked of an engine: which it is, its version, command line and environment. The
 * same for each start of the same configuration, on any machine: ports are left out, of absolute paths
 * the last part counts, and of the user's variables the names. Files that are named are not read.
 */
export function configHashOf({
  engine,
  version,
  commandLine,
  environment,
}: Pick<RunningEngine, 'engine' | 'version' | 'commandLine' | 'environment'>): string {
  const plain = (word: string) => (word.startsWith('/') ? basename(word) : word);
  const words = commandLine.map((word, i) =>
    ofOneStart.test(commandLine[i - 1] ?? '') ? '' : plain(word),
  );
  const set = Object.entries(environment?.set ?? {})
    .map(([name, value]) => [name, plain(value)])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const text = JSON.stringify([engine, version, words, set, environment?.ofUser ?? []]);
  return createHash('sha256').update(text).digest('hex');
}
