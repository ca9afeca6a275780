import { closeSync, openSync, writeSync } from 'node:fs';

/** A log that a program cannot fill the disk with. */
export interface CappedLog {
  write(piece: Buffer): void;
  close(): void;
}

/** Appends to a file; what goes beyond `maxBytes` is dropped, and the file says so. */
export function openCappedLog({ path, maxBytes }: { path: string; maxBytes: number }): CappedLog {
  const file = openSync(path, 'a', 0o600);
  let left = maxBytes;
  let open = true;
  const append = (piece: Buffer | string) => {
    try {
      if (open) writeSync(file, Buffer.from(piece));
    } catch {
      // A full disk costs the log, not the run.
      left = 0;
    }
  };
  return {
    write(piece) {
      if (left <= 0) return;
      append(piece.subarray(0, left));
      left -= piece.length;
      if (left <= 0) append(`\n[more than ${maxBytes} bytes: the rest is not kept]\n`);
    },
    close() {
      if (open) closeSync(file);
      open = false;
    },
  };
}
