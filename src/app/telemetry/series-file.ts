import { appendFile } from 'node:fs/promises';
import { messageOf } from '../../core/index.ts';
import type { SeriesLine } from '../../telemetry/index.ts';

/** Lines that go to a file one after the other; a disk that refuses ends it, not the run. */
export interface SeriesFile {
  write(lines: readonly SeriesLine[]): void;
  /** What is still on its way; then why the file is not whole, or null. */
  close(): Promise<string | null>;
}

export function openSeriesFile(path: string): SeriesFile {
  let problem: string | null = null;
  let writing: Promise<void> = Promise.resolve();
  return {
    write(lines) {
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      writing = writing.then(async () => {
        if (problem !== null) return;
        await appendFile(path, text).catch((error: unknown) => {
          problem = `${path} is not whole: ${messageOf(error)}`;
        });
      });
    },
    async close() {
      await writing;
      return problem;
    },
  };
}
