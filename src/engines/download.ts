import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Dispatcher } from 'undici';
import { BenchError, messageOf, redactText } from '../core/index.ts';
import type { CacheLayout } from './cache.ts';
import { fileBytes, makeFolder, sha256OfFile } from './cache.ts';
import type { EngineContext } from './context.ts';
import { throwIfAborted } from './context.ts';
import { createHttpClient } from './http-client.ts';

export interface DownloadRequest {
  url: string;
  /** Where the verified file goes. */
  target: string;
  /** Named in progress events and errors. */
  what: string;
  /** Pinned digest, lower-case hex; null = only recorded. */
  sha256: string | null;
  /** Known size; null when unknown. */
  bytes: number | null;
  headers?: Record<string, string>;
  /** Only so many bytes, from the file's beginning; absent: all. */
  firstBytes?: number;
}

/**
 * Why a download failed, in `details.kind` of the BenchError `PREREQ_DOWNLOAD`: unreachable (name,
 * connection, timeout), status (the server said no), digest (the content is not the pinned one),
 * cut (it kept breaking off), disk.
 */
export type DownloadFailureKind = 'unreachable' | 'status' | 'digest' | 'cut' | 'disk';

const attemptsWithProgress = 5;

/**
 * Downloads one file through the proxies of the environment, with progress, resuming what an
 * earlier attempt (also of an earlier process) left, and compares its SHA-256.
 * Call it while holding the lock of what is being installed: the unfinished file has one writer.
 * @throws BenchError `PREREQ_DOWNLOAD`; the abort reason when `ctx.signal` is aborted.
 */
export async function downloadFile(
  ctx: EngineContext,
  cache: CacheLayout,
  request: DownloadRequest,
): Promise<{ sha256: string; bytes: number }> {
  await makeFolder(cache.downloads);
  const key = createHash('sha256').update(request.url).digest('hex').slice(0, 24);
  const part = join(cache.downloads, `${key}.part`);
  const client = await createHttpClient(ctx);
  try {
    for (let attempt = 1; ; attempt++) {
      const before = (await fileBytes(part)) ?? 0;
      try {
        await fetchRest(ctx, client, request, part, before);
        break;
      } catch (error) {
        throwIfAborted(ctx);
        const after = (await fileBytes(part)) ?? 0;
        // Broke off, but got further: go on from there.
        const worthIt = kindOf(error) === 'cut' && after > before && attempt < attemptsWithProgress;
        if (!worthIt) throw error;
      }
    }
  } finally {
    await client.close();
  }
  const sha256 = await sha256OfFile(part);
  const bytes = (await fileBytes(part)) ?? 0;
  if (request.sha256 !== null && sha256 !== request.sha256) {
    await forget(part);
    throw failure(
      request,
      'digest',
      `its SHA-256 is ${sha256}, expected ${request.sha256} (${bytes} bytes)`,
    );
  }
  await rename(part, request.target);
  await forget(part);
  return { sha256, bytes };
}

async function fetchRest(
  ctx: EngineContext,
  client: Dispatcher,
  request: DownloadRequest,
  part: string,
  have: number,
): Promise<void> {
  const etag = have > 0 ? await readEtag(part) : null;
  const from = etag === null ? 0 : have;
  const response = await send(ctx, client, request, from, etag);
  // 416: nothing is left to fetch, or the file there is another one; the digest decides.
  if (response.statusCode === 416 && from > 0) {
    await response.body.dump();
    if (request.sha256 !== null && (await sha256OfFile(part)) === request.sha256) return;
    await forget(part);
    return fetchRest(ctx, client, request, part, 0);
  }
  if (response.statusCode !== 200 && response.statusCode !== 206) {
    await response.body.dump();
    throw failure(request, 'status', `HTTP ${response.statusCode}`);
  }
  const start = response.statusCode === 206 && from > 0 ? from : 0;
  const newEtag = headerText(response.headers['etag']);
  if (start === 0) await (newEtag ? writeFile(`${part}.etag`, newEtag) : forget(part));
  const length = Number(headerText(response.headers['content-length']) ?? Number.NaN);
  const whole = Number.isFinite(length) ? start + length : request.bytes;
  // A server without ranges sends everything, and is left where enough has come.
  const total = request.firstBytes ?? whole;
  await saveBody(ctx, request, response.body, part, start, total);
}

function rangeOf(
  { firstBytes }: DownloadRequest,
  from: number,
  etag: string | null,
): Record<string, string> {
  const end = firstBytes === undefined ? '' : String(firstBytes - 1);
  if (from > 0 && etag !== null) return { range: `bytes=${from}-${end}`, 'if-range': etag };
  return firstBytes === undefined ? {} : { range: `bytes=0-${end}` };
}

function send(
  ctx: EngineContext,
  client: Dispatcher,
  request: DownloadRequest,
  from: number,
  etag: string | null,
): Promise<Dispatcher.ResponseData> {
  const url = new URL(request.url);
  return client
    .request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: 'GET',
      headers: {
        'user-agent': 'inferencebench',
        'accept-encoding': 'identity',
        ...request.headers,
        ...rangeOf(request, from, etag),
      },
      ...(ctx.signal ? { signal: ctx.signal } : {}),
    })
    .catch((error: unknown) => {
      throwIfAborted(ctx);
      throw failure(request, 'unreachable', messageOf(error), error);
    });
}

async function saveBody(
  ctx: EngineContext,
  request: DownloadRequest,
  body: AsyncIterable<Buffer>,
  part: string,
  start: number,
  total: number | null,
): Promise<void> {
  let done = start;
  const tell = () =>
    ctx.emit({ kind: 'download', what: request.what, doneBytes: done, totalBytes: total });
  let lastToldUs = Number.NEGATIVE_INFINITY;
  const watch = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const whole of chunks) {
      const left = (request.firstBytes ?? Number.POSITIVE_INFINITY) - done;
      const chunk = whole.length > left ? whole.subarray(0, left) : whole;
      done += chunk.length;
      if (ctx.clock.nowUs() - lastToldUs > 100_000) {
        lastToldUs = ctx.clock.nowUs();
        tell();
      }
      yield chunk;
      if (chunk.length === left) return;
    }
  };
  try {
    await pipeline(body, watch, createWriteStream(part, { flags: start > 0 ? 'a' : 'w' }));
  } catch (error) {
    throwIfAborted(ctx);
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const kind = /^(ENOSPC|EACCES|EROFS|EDQUOT|EIO)$/.test(code) ? 'disk' : 'cut';
    throw failure(request, kind, messageOf(error), error);
  }
  tell();
  if (total !== null && done < total) {
    throw failure(request, 'cut', `it ended after ${done} of ${total} bytes`);
  }
}

async function readEtag(part: string): Promise<string | null> {
  return readFile(`${part}.etag`, 'utf8').catch(() => null);
}

async function forget(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(`${part}.etag`, { force: true });
}

function headerText(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

function kindOf(error: unknown): DownloadFailureKind | null {
  const kind = error instanceof BenchError ? error.details?.['kind'] : undefined;
  return (kind as DownloadFailureKind | undefined) ?? null;
}

function failure(
  request: DownloadRequest,
  kind: DownloadFailureKind,
  reason: string,
  cause?: unknown,
): BenchError {
  const url = redactText(request.url);
  return new BenchError('PREREQ_DOWNLOAD', `Downloading ${request.what} from ${url}: ${reason}.`, {
    details: { kind, url, reason },
    cause,
  });
}
