import type { ChunkKind } from '../model/index.ts';

/**
 * The generated text, kept apart by choice and kind ("lanes"), because a tokenizer only makes
 * sense of text that the model wrote in one go. Segments say which chunk added what.
 */
export interface OutputText {
  lanes: { choice: number; kind: ChunkKind; text: string }[];
  /** In order of arrival. `row` indexes `chunks`; `end` is the lane's length after the chunk. */
  segments: { row: number; lane: number; end: number }[];
}

export interface OutputTextBuilder {
  add(row: number, choice: number, kind: ChunkKind, text: string): void;
  /** @param renumber new row of each old row; segments of rows that became -1 fall away. */
  output(renumber: readonly number[]): OutputText;
}

export function createOutputText(): OutputTextBuilder {
  const lanes: OutputText['lanes'] = [];
  const laneOf = new Map<string, number>();
  const segments: OutputText['segments'] = [];
  return {
    add(row, choice, kind, text) {
      const key = `${choice}/${kind}`;
      let lane = laneOf.get(key);
      if (lane === undefined) {
        lane = lanes.push({ choice, kind, text: '' }) - 1;
        laneOf.set(key, lane);
      }
      const entry = lanes[lane];
      if (entry === undefined) return;
      entry.text += text;
      segments.push({ row, lane, end: entry.text.length });
    },
    output: (renumber) => ({
      lanes: lanes.map((lane) => ({ ...lane })),
      segments: segments
        .map((segment) => ({ ...segment, row: renumber[segment.row] ?? -1 }))
        .filter((segment) => segment.row >= 0),
    }),
  };
}
