import { join } from 'node:path';
import { readDoubles, readLines } from '../truth.ts';
import type { Client } from './client.ts';

interface Line {
  id: string;
  ok: boolean;
  intendedNs: number;
  sentNs: number;
  endNs: number;
  stamps: number;
  offset: number;
}

/** The floor on this machine: the same definitions in plain C. */
export function createCReader(program: string): Client {
  return {
    id: 'c-reader',
    title: 'C reader (floor)',
    find: () => ({ version: 'benchmarks/client/native/c-reader.c' }),
    command: (cell, place) => [
      program,
      '--port',
      `${place.port}`,
      ...(cell.load.kind === 'closed'
        ? ['--streams', `${cell.load.streams}`]
        : ['--streams', '64', '--rate', `${cell.load.rateRps}`]),
      ...(cell.load.kind === 'open' && cell.load.cap !== null ? ['--cap', `${cell.load.cap}`] : []),
      '--requests',
      `${place.requests}`,
      '--tokens',
      `${cell.outputTokens}`,
      '--prompt-bytes',
      `${cell.inputTokens * 5}`,
      '--keep-tokens',
      cell.tokenTimes ? '1' : '0',
      '--seed',
      `${place.seed}`,
      '--out',
      join(place.dir, 'c'),
    ],
    async read(_cell, place) {
      const stamps = readDoubles(join(place.dir, 'c.tokens.f64'));
      const lines = readLines<Line>(join(place.dir, 'c.requests.jsonl'));
      const requests = lines
        .filter((line) => line.ok)
        .map((line) => {
          const stampsMs = stamps
            .subarray(line.offset, line.offset + line.stamps)
            .map((ns) => ns / 1e6);
          return {
            key: { id: line.id },
            ttftMs: (stampsMs[0] ?? Number.NaN) - line.intendedNs / 1e6,
            e2eMs: (line.endNs - line.intendedNs) / 1e6,
            itlMs: gaps(stampsMs),
            intendedMs: line.intendedNs / 1e6,
            sentMs: line.sentNs / 1e6,
            stampsMs,
          };
        });
      return { requests, failed: lines.length - requests.length, notes: [] };
    },
  };
}

export function gaps(times: ArrayLike<number>): Float64Array {
  const between = new Float64Array(Math.max(0, times.length - 1));
  for (let i = 0; i < between.length; i++) between[i] = (times[i + 1] ?? 0) - (times[i] ?? 0);
  return between;
}
