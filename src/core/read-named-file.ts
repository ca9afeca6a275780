import { readFile, stat } from 'node:fs/promises';

/** Neither a plain file nor a folder. `code` is one of ours, beside those of the system. */
class NotAFile extends Error {
  readonly code = 'ENOTFILE';
}

/**
 * The bytes of a file that somebody named. A device or a pipe is refused at once: one may have no end,
 * the other may never begin.
 * @throws the error of the file system, or one that says what it is; `pathTrouble` has words for both
 */
export async function readNamedFile(path: string): Promise<Buffer> {
  const found = await stat(path);
  if (found.isFile() || found.isDirectory()) return readFile(path);
  const isDevice = found.isCharacterDevice() || found.isBlockDevice();
  const kind = isDevice ? 'device' : found.isFIFO() ? 'pipe' : 'socket';
  throw new NotAFile(`it is a ${kind}, not a file`);
}
