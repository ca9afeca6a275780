import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import {
  type FileHandle,
  lstat,
  mkdir,
  open,
  readFile,
  readlink,
  realpath,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { messageOf } from '../../core/index.ts';
import { hashSubmission } from '../trial/commitment.ts';

export const launcherFile = 'start_server.sh';
const manifestFile = 'submission.json';
const mostBytes = 4 * 1024 ** 3;
const mostFiles = 10_000;

/** What goes with a submission, copied and hashed. */
export interface Collected {
  sha256: string;
  files: { path: string; bytes: number; sha256: string }[];
}

/** Why nothing was collected: a submission's own fault. */
export class NotCollected extends Error {}

/**
 * Copies what a submission declares: the files of submission.json (`{"files": [...]}`, folders of
 * them with everything inside), and start_server.sh in any case; at most 4 GiB. Nothing that a
 * symbolic link leads to outside of the folder, and nothing but plain files.
 *
 * @param into an empty folder
 * @throws NotCollected in words for people
 */
export async function collectSubmission(from: string, into: string): Promise<Collected> {
  const root = await realpath(from).catch(() => {
    throw new NotCollected(`there is no folder ${from}`);
  });
  const paths = await declaredFiles(root);
  const files: Collected['files'] = [];
  const sources: { path: string; source: string }[] = [];
  let total = 0;
  const count = (bytes: number) => {
    total += bytes;
    if (total > mostBytes) throw new NotCollected('its files are larger than 4 GiB together');
  };
  for (const path of paths) {
    const { source, bytes } = await plainFile(root, path);
    count(bytes);
    sources.push({ path, source });
  }
  total = 0;
  for (const { path, source } of sources) {
    const target = join(into, path);
    await mkdir(dirname(target), { recursive: true });
    files.push({ path, ...(await copyInside(root, source, target, count)) });
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { sha256: hashSubmission(files), files };
}

/**
 * The same, and the folder can be collected again: it declares what it has.
 * @throws NotCollected in words for people
 */
export async function collectToKeep(from: string, into: string): Promise<Collected> {
  const collected = await collectSubmission(from, into);
  const paths = collected.files.map(({ path }) => path);
  if (!paths.includes(manifestFile)) {
    await writeFile(join(into, manifestFile), `${JSON.stringify({ files: paths }, null, 2)}\n`);
  }
  return collected;
}

async function declaredFiles(root: string): Promise<string[]> {
  let text: string | null = null;
  try {
    await plainFile(root, manifestFile);
    text = await readFile(join(root, manifestFile), 'utf8');
  } catch (error) {
    if (!(error instanceof NotCollected) || !/not there/.test(error.message)) throw error;
  }
  if (text === null) return [launcherFile];
  let declared: unknown;
  try {
    declared = (JSON.parse(text) as { files?: unknown }).files;
  } catch (error) {
    throw new NotCollected(`${manifestFile} is not JSON (${messageOf(error)})`);
  }
  if (!Array.isArray(declared) || !declared.every((one) => typeof one === 'string')) {
    throw new NotCollected(`${manifestFile} has no list of names "files"`);
  }
  const all = new Set<string>();
  for (const name of declared as string[]) {
    for (const path of await filesAt(root, name)) all.add(path);
    if (all.size > mostFiles) throw new NotCollected(`more than ${mostFiles} files`);
  }
  // Named or not: without it there is nothing to start.
  all.add(launcherFile);
  return [...all];
}

/** A declared name as files: itself, or everything in the folder. */
async function filesAt(root: string, name: string): Promise<string[]> {
  const path = insidePath(root, name);
  const found = await lstat(join(root, path)).catch(() => null);
  if (found === null) throw new NotCollected(`declared file "${name}" is not there`);
  if (!found.isDirectory()) return [path];
  const { readdir } = await import('node:fs/promises');
  const names = (await readdir(join(root, path))).toSorted();
  const below: string[] = [];
  for (const one of names) {
    below.push(...(await filesAt(root, path === '' ? one : `${path}/${one}`)));
    if (below.length > mostFiles) throw new NotCollected(`more than ${mostFiles} files`);
  }
  return below;
}

/** Relative to the root, with slashes. */
function insidePath(root: string, name: string): string {
  const path = relative(root, join(root, name));
  if (name.startsWith('/') || path === '..' || path.startsWith(`..${sep}`)) {
    throw new NotCollected(`declared file "${name}" is outside of the folder`);
  }
  return path.split(sep).join('/');
}

/** A plain file, or a link to one inside. */
async function plainFile(root: string, path: string): Promise<{ source: string; bytes: number }> {
  const source = await realpath(join(root, path)).catch(() => null);
  if (source === null) throw new NotCollected(`${path} is not there`);
  if (!source.startsWith(root + sep)) {
    throw new NotCollected(`${path} is a link to something outside of the folder`);
  }
  const found = await stat(source);
  if (!found.isFile()) throw new NotCollected(`${path} is not a plain file`);
  return { source, bytes: found.size };
}

/**
 * Copies and hashes in one pass: what is run is what was hashed. The agent may live meanwhile, and put
 * a link in place of what was looked at: what was opened has to lie inside.
 * @param count told of each piece; throws when it is enough
 */
async function copyInside(
  root: string,
  source: string,
  target: string,
  count: (bytes: number) => void,
): Promise<{ bytes: number; sha256: string }> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const from = await open(source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => {
    throw new NotCollected(`${source.slice(root.length + 1)} changed while it was collected`);
  });
  try {
    const found = await from.stat();
    if (!found.isFile() || !(await isInside(root, from))) {
      throw new NotCollected(`${source.slice(root.length + 1)} changed while it was collected`);
    }
    const into = await open(target, 'wx', found.mode & 0o777);
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      for await (const piece of from.createReadStream({ autoClose: false })) {
        const data = piece as Buffer;
        count(data.length);
        bytes += data.length;
        hash.update(data);
        await into.writeFile(data);
      }
      await into.chmod(found.mode & 0o777);
    } finally {
      await into.close();
    }
    return { bytes, sha256: hash.digest('hex') };
  } finally {
    await from.close();
  }
}

/** By what the kernel says of the open file; elsewhere than on Linux it does not say. */
async function isInside(root: string, file: FileHandle): Promise<boolean> {
  const path = await readlink(`/proc/self/fd/${file.fd}`).catch(() => null);
  return path === null || path.startsWith(root + sep);
}
