import { randomBytes } from 'node:crypto';
// ulid: ids that sort by time, 26 characters, safe in file names and URLs.
import { ulid } from 'ulid';
import type { Clock } from '../core/index.ts';

/** A new run id (ULID): wall-clock time, then 80 random bits. */
export function createRunId(clock: Pick<Clock, 'wallMs'>): string {
  return ulid(Math.floor(clock.wallMs()), () => (randomBytes(4).readUInt32LE() + 0.5) / 2 ** 32);
}
