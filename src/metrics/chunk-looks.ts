import type { ChunkColumns } from '../model/index.ts';
import type { Passes } from '../stats/index.ts';
import { createGroupValues, type FillValues } from './group-values.ts';

/** Values that come from the chunks of each request, and what is computed of them. */
export interface ChunkSeries<Result> {
  fill: FillValues;
  passes: Passes<Result>;
}

/** Computations over the same chunks, looked at together: each look decodes them once for all. */
export interface ChunkLooks<Result> {
  /** Shows the chunks of one request to everything that still needs them. */
  show(chunks: ChunkColumns, group: number): void;
  /** Ends a look at all requests. @returns whether another one is needed. */
  next(): boolean;
  /** As the series, once no look is needed any more. */
  results(): Result[];
}

export function createChunkLooks<Result>(
  series: readonly ChunkSeries<Result>[],
): ChunkLooks<Result> {
  const running = series.map(({ fill, passes }) => ({
    ...{ fill, passes, room: createGroupValues() },
    step: passes.next(),
  }));
  return {
    show(chunks, group) {
      for (const { fill, room, step } of running) {
        if (step.done) continue;
        fill(chunks, room);
        step.value(group, room.values, room.single ? null : room.weights, 0, room.rows);
      }
    },
    next() {
      for (const one of running) if (!one.step.done) one.step = one.passes.next();
      return running.some(({ step }) => !step.done);
    },
    results: () =>
      running.map(({ step }) => {
        if (!step.done) throw new RangeError('another look is needed');
        return step.value;
      }),
  };
}
