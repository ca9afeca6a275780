import type { LevelRun, RequestRecord } from '../model/index.ts';

type Weighted = { x: number; weight: number };

/** Time to first token of each counted, successful request, ms from the intended send. */
export function ttftSamples(run: LevelRun): Weighted[] {
  return succeeded(run).flatMap((record) =>
    record.firstTokenUs === null
      ? []
      : [{ x: (record.firstTokenUs - record.intendedUs) / 1000, weight: 1 }],
  );
}

/** Gaps between tokens, ms: a chunk of k tokens that closes a gap g stands for k values g/k. */
export function itlSamples(run: LevelRun): Weighted[] {
  return succeeded(run).flatMap(({ chunks }) => {
    const gaps: Weighted[] = [];
    let previousUs = chunks.atUs[0];
    for (let i = 1; i < chunks.atUs.length; i++) {
      const tokens = chunks.tokens[i] as number;
      // A chunk that completes no token adds its time to the next one that does.
      if (tokens <= 0) continue;
      const atUs = chunks.atUs[i] as number;
      gaps.push({ x: (atUs - (previousUs as number)) / tokens / 1000, weight: tokens });
      previousUs = atUs;
    }
    return gaps;
  });
}

function succeeded(run: LevelRun): RequestRecord[] {
  return run.records.filter((record) => record.counted && record.outcome === 'ok');
}
