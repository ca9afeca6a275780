import { constants } from 'node:fs';
import { lstat, open, readdir, readFile, readlink, stat } from 'node:fs/promises';
import type { OpenedFile } from '../../../arena/index.ts';

/** What is known of the files of a launch while it lives. */
export interface FileFacts {
  /** Path of a file as this process reaches it. */
  reach(path: string): string;
  /** Paths as the server sees them, links resolved: the model, its own folder, what it is offered. */
  model: readonly string[];
  folder: string;
  engines: readonly string[];
  /** Files of its folder that it brought, with whole paths. */
  brought: ReadonlySet<string>;
  /** Wall clock. */
  startedMs: number;
  /** Files that it created, as far as the trace tells. */
  created(path: string): boolean;
}

const leastBytes = 1 << 20;
const system = /^\/(usr|lib\w*|bin|sbin|etc|opt|sys|proc|boot|dev(?!\/shm\/))(\/|$)/;
/** Clocks of file systems are some milliseconds behind. */
const clockSlackMs = 100;

/** The given model's files among those that were opened, and all others of 1 MiB and more. */
export async function describeFiles(
  paths: Iterable<string>,
  facts: FileFacts,
): Promise<OpenedFile[]> {
  const files: OpenedFile[] = [];
  for (const path of paths) {
    const reached = facts.reach(path);
    const found = await lstat(reached).catch(() => null);
    const place = placeOf(path, facts);
    if (found === null && place === 'model') {
      files.push({ path, place, bytes: null, kind: kindOf(path, Buffer.alloc(0)), made: false });
    }
    if (found === null || !found.isFile()) continue;
    if (place !== 'model' && found.size < leastBytes) continue;
    const made =
      place === 'submission'
        ? !facts.brought.has(path)
        : found.birthtimeMs > 0
          ? found.birthtimeMs >= facts.startedMs - clockSlackMs
          : facts.created(path);
    const kind = kindOf(path, await firstBytes(reached));
    files.push({ path, place, bytes: found.size, kind, made });
  }
  return files;
}

/** Files without a name any more that its processes still hold or have mapped. */
export async function describeDeleted(
  pids: readonly number[],
  facts: FileFacts,
): Promise<OpenedFile[]> {
  const bytes = new Map<string, number>();
  const note = (path: string, size: number) => {
    if (size >= leastBytes) bytes.set(path, Math.max(size, bytes.get(path) ?? 0));
  };
  for (const pid of pids) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
      if (!isDeletedFile(target)) continue;
      const found = await stat(`/proc/${pid}/fd/${fd}`).catch(() => null);
      if (found?.isFile()) note(target, found.size);
    }
    const maps = await readFile(`/proc/${pid}/maps`, 'utf8').catch(() => '');
    for (const line of maps.split('\n')) {
      const [, from = '', to = '', target = ''] =
        /^([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ \d+\s+(.*)$/.exec(line) ?? [];
      if (isDeletedFile(target)) note(target, Number.parseInt(to, 16) - Number.parseInt(from, 16));
    }
  }
  return [...bytes].map(([target, size]) => {
    const path = target.replace(/ \(deleted\)$/, '');
    return { path, place: placeOf(path, facts), bytes: size, kind: 'data', made: true };
  });
}

/** Memory without a file (/memfd:, /dev/zero, shared memory of System V) is none. */
const isDeletedFile = (target: string) =>
  target.endsWith(' (deleted)') && !/^\/(memfd:|dev\/zero|SYSV)/.test(target);

function placeOf(path: string, facts: FileFacts): OpenedFile['place'] {
  const below = (folders: readonly string[]) =>
    folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
  if (below(facts.model)) return 'model';
  if (below([facts.folder])) return 'submission';
  if (below(facts.engines)) return 'engine';
  return system.test(path) ? 'system' : 'elsewhere';
}

/** Names under which weights are stored. */
const weightsName =
  /\.(gguf|ggml|safetensors|pt|pth|ckpt|bin|npz|npy|onnx|h5|hdf5|msgpack|tflite|mlmodel)$/i;

/** @param first bytes of the file, as many as it has of 16 */
export function kindOf(path: string, first: Buffer): OpenedFile['kind'] {
  const text = first.toString('latin1');
  if (text.startsWith('\x7fELF') || text.startsWith('#!')) return 'program';
  if (/^(GGUF|ggml|ggjt|ggmf|tjgg|lmgg|fmgg|\x93NUMPY|\x89HDF)/.test(text)) return 'weights';
  // safetensors: the length of a header of JSON, and the header.
  if (first.length >= 9 && text[8] === '{') {
    const length = first.readBigUInt64LE(0);
    if (length > 0n && length < 1n << 30n) return 'weights';
  }
  return weightsName.test(path) ? 'weights' : 'data';
}

async function firstBytes(path: string): Promise<Buffer> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return Buffer.alloc(0);
  }
}
