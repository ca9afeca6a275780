import { open } from 'node:fs/promises';
import { BenchError, messageOf } from '../core/index.ts';
import { type ChunkPage, pageHeaderBytes, parseChunkPage, parsePageHeader } from './chunk-page.ts';

/**
 * All whole pages of chunks.bin.
 * @param onTorn called when the file ends within a page (the writer was killed): how many bytes
 * at the end belong to no page.
 * @throws BenchError RESULT_CORRUPT for bytes that were changed, RESULT_NOT_FOUND
 */
export async function readChunkPages(
  path: string,
  onTorn: (bytes: number) => void,
): Promise<ChunkPage[]> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw new BenchError('RESULT_NOT_FOUND', `Cannot read "${path}": ${messageOf(error)}.`, {
      hint: 'The result folder is incomplete.',
      cause: error,
    });
  });
  try {
    const { size } = await file.stat();
    const pages: ChunkPage[] = [];
    let at = 0;
    while (at < size) {
      const left = size - at;
      const headerBytes = await readBytes(file, at, Math.min(pageHeaderBytes, left));
      const header = parsePageHeader(headerBytes);
      const end = header === null ? null : at + pageHeaderBytes + header.payloadBytes;
      if (left < pageHeaderBytes || (end !== null && end > size)) {
        onTorn(left);
        break;
      }
      // A machine that lost power may leave zeros where the last page was to be.
      if (end === null && (await isZeroUntil(file, at, size))) {
        onTorn(left);
        break;
      }
      try {
        const payload = await readBytes(file, at + pageHeaderBytes, header?.payloadBytes ?? 0);
        pages.push(parseChunkPage(headerBytes, payload));
      } catch (error) {
        throw new BenchError(
          'RESULT_CORRUPT',
          `${path}, page ${pages.length} at byte ${at}: ${messageOf(error)}.`,
          { hint: 'The file was changed after it was written; measure again.', cause: error },
        );
      }
      at = end ?? size;
    }
    return pages;
  } finally {
    await file.close();
  }
}

type OpenFile = Awaited<ReturnType<typeof open>>;

async function readBytes(file: OpenFile, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) throw new RangeError('the file became shorter while it was read');
    done += bytesRead;
  }
  return bytes;
}

async function isZeroUntil(file: OpenFile, from: number, to: number): Promise<boolean> {
  const step = 64 * 1024;
  for (let at = from; at < to; at += step) {
    const bytes = await readBytes(file, at, Math.min(step, to - at));
    if (bytes.some((byte) => byte !== 0)) return false;
  }
  return true;
}
