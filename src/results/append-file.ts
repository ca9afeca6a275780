import { open } from 'node:fs/promises';

/** What is needed of an open file; tests put failing ones in its place. */
export interface FileSink {
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesWritten: number }>;
  close(): Promise<void>;
}

export type OpenSink = (path: string) => Promise<FileSink>;

/** Creates the file; refuses one that exists. */
export const openNewFile: OpenSink = (path) => open(path, 'wx');

/**
 * Bytes that only ever grow at the end. What a failed write left behind is overwritten by the next
 * one, so that a disk that was full for a while leaves no hole.
 */
export interface AppendFile {
  readonly path: string;
  /** Whole appends that reached the file. */
  readonly size: number;
  /** Rejects with the file system's error; nothing is counted then, and the same may be tried again. */
  append(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export async function createAppendFile(
  path: string,
  openSink: OpenSink = openNewFile,
): Promise<AppendFile> {
  const sink = await openSink(path);
  let size = 0;
  return {
    path,
    get size() {
      return size;
    },
    async append(bytes) {
      let done = 0;
      while (done < bytes.length) {
        const { bytesWritten } = await sink.write(bytes, done, bytes.length - done, size + done);
        done += bytesWritten;
      }
      size += done;
    },
    close: () => sink.close(),
  };
}
