import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Envelope } from '../model/index.ts';
import { unfinishedSuffix } from './atomic-file.ts';
import { envelopeFile } from './file-names.ts';

/** SHA-256 (hex) of every file under a result folder but the envelope, by path with `/`. */
export async function hashFiles(dir: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith(unfinishedSuffix))
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => path !== envelopeFile)
    .sort();
  for (const path of paths) hashes[path] = await hashFile(join(dir, path));
  return hashes;
}

/** Files that the envelope names but that are missing or hold other bytes now. */
export async function readAlteredFiles(dir: string, envelope: Envelope): Promise<string[]> {
  const altered: string[] = [];
  for (const [path, hash] of Object.entries(envelope.files)) {
    const now = await hashFile(join(dir, path)).catch(() => null);
    if (now !== hash) altered.push(path);
  }
  return altered;
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path) as AsyncIterable<Buffer>) hash.update(bytes);
  return hash.digest('hex');
}
