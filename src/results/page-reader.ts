import { open } from 'node:fs/promises';
import { BenchError, messageOf } from '../core/index.ts';
import { type PageMagic, pageHeaderBytes, parsePageFrame } from '../records/index.ts';

/**
 * The whole pages of a file, one after the other; each has memory of its own.
 * @param parse makes of a page's bytes what is wanted; throws RangeError where they were changed.
 * @param onTorn called when the file ends within a page (the writer was killed): how many bytes
 * at the end belong to no page.
 * @throws BenchError RESULT_CORRUPT for bytes that were changed, RESULT_NOT_FOUND
 */
export async function* readPages<T>(
  path: string,
  magic: PageMagic,
  parse: (bytes: Uint8Array) => T,
  onTorn: (bytes: number) => void,
): AsyncGenerator<T> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw new BenchError('RESULT_NOT_FOUND', `Cannot read "${path}": ${messageOf(error)}.`, {
      hint: 'The result folder is incomplete.',
      cause: error,
    });
  });
  try {
    const { size } = await file.stat();
    let number = 0;
    let at = 0;
    // Read together with the page before: a page costs one call.
    let header = await readBytes(file, 0, Math.min(pageHeaderBytes, size));
    while (at < size) {
      const left = size - at;
      const frame = parsePageFrame(header, magic);
      const length = frame === null ? null : pageHeaderBytes + frame.payloadBytes;
      if (left < pageHeaderBytes || (length !== null && length > left)) return onTorn(left);
      // A machine that lost power may leave zeros where the last page was to be.
      if (length === null && (await isZeroUntil(file, at, size))) return onTorn(left);
      const end = at + (length ?? pageHeaderBytes);
      const more = Math.min(pageHeaderBytes, size - end);
      const bytes = Buffer.allocUnsafeSlow(end - at + more);
      header.copy(bytes);
      let page: T;
      try {
        await fillBytes(file, bytes, pageHeaderBytes, at + pageHeaderBytes);
        page = parse(bytes.subarray(0, end - at));
      } catch (error) {
        throw new BenchError(
          'RESULT_CORRUPT',
          `${path}, page ${number} at byte ${at}: ${messageOf(error)}.`,
          { hint: 'The file was changed after it was written; measure again.', cause: error },
        );
      }
      yield page;
      header = bytes.subarray(end - at);
      at = end;
      number++;
    }
  } finally {
    await file.close();
  }
}

type OpenFile = Awaited<ReturnType<typeof open>>;

async function readBytes(file: OpenFile, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  await fillBytes(file, bytes, 0, position);
  return bytes;
}

/** Fills bytes[from, end) with what the file holds at `position`. */
async function fillBytes(
  file: OpenFile,
  bytes: Buffer,
  from: number,
  position: number,
): Promise<void> {
  let done = from;
  while (done < bytes.length) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done - from);
    if (bytesRead === 0) throw new RangeError('the file became shorter while it was read');
    done += bytesRead;
  }
}

async function isZeroUntil(file: OpenFile, from: number, to: number): Promise<boolean> {
  const step = 64 * 1024;
  for (let at = from; at < to; at += step) {
    const bytes = await readBytes(file, at, Math.min(step, to - at));
    if (bytes.some((byte) => byte !== 0)) return false;
  }
  return true;
}
