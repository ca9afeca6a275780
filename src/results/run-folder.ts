import { open, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { BenchError } from '../core/index.ts';
import { type AppendFile, createAppendFile, type OpenSink } from './append-file.ts';
import { unfinishedSuffix } from './atomic-file.ts';
import {
  engineMetricsFile,
  envelopeFile,
  oldChunksFile,
  planFile,
  recordsFile,
  requestsFile,
} from './file-names.ts';
import { makeFolders } from './make-folders.ts';
import { readEnvelope } from './read-envelope.ts';
import { errorCodeOf, toWriteError } from './result-error.ts';

/** A folder with less room than this is refused before any load is sent. */
const probeBytes = 1024 * 1024;

export interface RunFolder {
  records: AppendFile;
  requests: AppendFile;
  plan: AppendFile;
}

/**
 * Makes the folder (parents too), proves that it takes a megabyte, and opens its record files. An
 * existing folder must be empty, or hold a run that is over and never sent load (a failed
 * preflight): that one is replaced. On failure everything made here is taken away again.
 *
 * @throws BenchError RESULT_EXISTS, RESULT_NOT_WRITABLE, RESULT_DISK_FULL
 */
export async function createRunFolder(dir: string, openSink: OpenSink): Promise<RunFolder> {
  const opened: AppendFile[] = [];
  let firstMade: string | undefined;
  try {
    firstMade = await makeFolders(resolve(dir));
    const present = await readdir(dir);
    if (present.length > 0 && !(await isLoadless(dir, present))) refuseExisting(dir);
    await probe(dir);
    for (const name of present) await rm(join(dir, name));
    for (const name of [recordsFile, requestsFile, planFile]) {
      opened.push(await createAppendFile(join(dir, name), openSink));
    }
    const [records, requests, plan] = opened as [AppendFile, AppendFile, AppendFile];
    return { records, requests, plan };
  } catch (error) {
    await Promise.allSettled(opened.map((file) => file.close()));
    await Promise.allSettled(opened.map((file) => rm(file.path, { force: true })));
    await removeMade(dir, firstMade);
    if (errorCodeOf(error) === 'EEXIST' && opened.length > 0) refuseExisting(dir);
    throw toWriteError(error, dir);
  }
}

const replaceable = [
  ...[envelopeFile, recordsFile, requestsFile, planFile, oldChunksFile],
  ...[engineMetricsFile, 'engine.log'],
];

/** Whether a folder's files are those of a run that is over, and whose record files are empty. */
async function isLoadless(dir: string, present: readonly string[]): Promise<boolean> {
  const known = (name: string) => replaceable.includes(name) || name.endsWith(unfinishedSuffix);
  if (!present.every(known)) return false;
  for (const name of [recordsFile, requestsFile, planFile, oldChunksFile]) {
    if (present.includes(name) && (await stat(join(dir, name))).size > 0) return false;
  }
  try {
    const envelope = await readEnvelope(dir);
    // A run writes the hashes of its files last: without them it may still be on.
    return envelope.levels.length === 0 && Object.keys(envelope.files).length > 0;
  } catch {
    return false;
  }
}

function refuseExisting(dir: string): never {
  throw new BenchError('RESULT_EXISTS', `Result folder "${dir}" is not empty.`, {
    hint: 'Results are never overwritten: choose another folder with --output.',
  });
}

/** Room and rights are found out by using them: quotas and network disks tell no other way. */
async function probe(dir: string): Promise<void> {
  const path = join(dir, `.probe${unfinishedSuffix}`);
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(Buffer.alloc(probeBytes, 0x5a));
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    await rm(path, { force: true });
  }
}

/** Only empty folders go, from `dir` up to the first one that was made. */
async function removeMade(dir: string, firstMade: string | undefined): Promise<void> {
  if (firstMade === undefined) return;
  for (let path = resolve(dir); ; path = dirname(path)) {
    try {
      await rmdir(path);
    } catch {
      return;
    }
    if (path === firstMade) return;
  }
}
