import type { LevelRun, RequestRecord } from '../model/index.ts';

/** A value that stands for `weight` equal ones. */
export interface Weighted {
  x: number;
  weight: number;
}

/** Values of a level, of every request or of every so manieth. */
export interface Samples {
  values: Weighted[];
  /** 1: all requests; k: every k-th, so that a report of any length costs the same. */
  every: number;
}

/** More values than this make no visible difference in a drawing. */
const mostValues = 300_000;

/** Time to first token of each counted, successful request, ms from the intended send. */
export function ttftSamples(run: LevelRun, most = mostValues): Samples {
  return sample(
    run,
    most,
    () => 1,
    (record, add) => {
      if (record.firstTokenUs === null) return;
      add((record.firstTokenUs - record.intendedUs) / 1000, 1);
    },
  );
}

/** Gaps between tokens, ms: a chunk of k tokens that closes a gap g stands for k values g/k. */
export function itlSamples(run: LevelRun, most = mostValues): Samples {
  const tokensOf = (record: RequestRecord) => record.outputTokensUsage ?? record.outputTokensAsked;
  return sample(run, most, tokensOf, ({ chunks: { atUs, tokens } }, add) => {
    let previousUs = atUs[0];
    for (let i = 1; i < atUs.length; i++) {
      const count = tokens[i] as number;
      // A chunk that completes no token adds its time to the next one that does.
      if (count <= 0) continue;
      const at = atUs[i] as number;
      add((at - (previousUs as number)) / count / 1000, count);
      previousUs = at;
    }
  });
}

/** `every 4th request` for captions; empty where all were taken. */
export function samplingNote(samples: readonly Samples[]): string {
  const every = Math.max(1, ...samples.map((entry) => entry.every));
  return every === 1 ? '' : `Drawn from one request in ${every}.`;
}

function sample(
  run: LevelRun,
  most: number,
  sizeOf: (record: RequestRecord) => number,
  visit: (record: RequestRecord, add: (x: number, weight: number) => void) => void,
): Samples {
  let size = 0;
  for (const record of run.records) if (isUsed(record)) size += sizeOf(record);
  const every = Math.max(1, Math.ceil(size / most));
  const values: Weighted[] = [];
  const add = (x: number, weight: number) => values.push({ x, weight });
  let seen = 0;
  for (const record of run.records) {
    if (isUsed(record) && seen++ % every === 0) visit(record, add);
  }
  return { values, every };
}

const isUsed = (record: RequestRecord) => record.counted && record.outcome === 'ok';
