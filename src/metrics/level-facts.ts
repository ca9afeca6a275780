import type { LevelRun, RequestRecord, SloTemplate } from '../model/index.ts';
import { type GroupedSeries, singletonGroups } from '../stats/index.ts';
import { type ChunkFigures, gatherChunkFigures } from './chunk-figures.ts';
import { tpotFrom } from './request-latency.ts';
import { isFailed, type SelectedRequests, selectRequests } from './selected-requests.ts';
import { isShortOf, requestMeetsSlo } from './slo.ts';

/** What the definitions compute from: the run, and what several of them need of it. */
export interface LevelFacts extends SelectedRequests {
  run: LevelRun;
  slo: SloTemplate | null;
  /** The server was told to produce exactly the output tokens asked for. */
  lengthEnforced: boolean;
  chunks: ChunkFigures;
  /** By position in `records`: 1 within the SLO, 0 not, `undecided`; null without an SLO. */
  meetsSlo: Uint8Array | null;
}

export const undecided = 2;

export function gatherFacts(
  run: LevelRun,
  slo: SloTemplate | null,
  lengthEnforced: boolean,
  selected: SelectedRequests,
  chunks: ChunkFigures,
): LevelFacts {
  const facts: LevelFacts = { ...selected, run, slo, lengthEnforced, chunks, meetsSlo: null };
  if (slo === null) return facts;
  const { records } = selected;
  const meetsSlo = new Uint8Array(records.length);
  records.forEach((record, at) => {
    const meets = requestMeetsSlo(record, slo, () => tpotAt(facts, record, at));
    meetsSlo[at] = meets === null ? undecided : Number(meets);
  });
  return { ...facts, meetsSlo };
}

/** The facts alone, where no distribution looks at the chunks. */
export function factsOf(
  run: LevelRun,
  slo: SloTemplate | null,
  lengthEnforced: boolean,
): LevelFacts {
  const selected = selectRequests(run);
  return gatherFacts(
    run,
    slo,
    lengthEnforced,
    selected,
    gatherChunkFigures(selected, () => {}),
  );
}

/** Output tokens of the request at a position, as `outputTokensOf`; not for failures. */
export function outputTokensAt({ chunks }: LevelFacts, at: number): number | null {
  return orNull(chunks.outputTokens[at] as number);
}

export function isShortAt(facts: LevelFacts, at: number): boolean {
  return isShortOf(facts.records[at] as RequestRecord, outputTokensAt(facts, at));
}

/** As `tpotMs`, of a request that did not fail, without another look at its chunks. */
export function tpotAt({ chunks }: LevelFacts, record: RequestRecord, at: number): number | null {
  const tokens = orNull(chunks.outputTokens[at] as number);
  return tpotFrom(record, tokens, orNull(chunks.firstTokens[at] as number));
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

/** Length of the counted window, seconds; to the last counted request's end where it has none. */
export function windowSeconds(run: LevelRun): number | null {
  const us = run.windowEndUs - run.windowStartUs;
  if (us > 0) return us / 1e6;
  return run.endUs > run.windowStartUs ? (run.endUs - run.windowStartUs) / 1e6 : null;
}

/** What one request says, given its position in `records`. */
export type ValueOf = (record: RequestRecord, at: number) => number | null;

/** One value or none for each of the requests at these positions. */
export function perRequest(
  { records }: LevelFacts,
  positions: Uint32Array,
  valueOf: ValueOf,
): GroupedSeries {
  const offsets = new Uint32Array(positions.length + 1);
  const values = new Float64Array(positions.length);
  let filled = 0;
  positions.forEach((at, i) => {
    const value = valueOf(records[at] as RequestRecord, at);
    if (value !== null) values[filled++] = value;
    offsets[i + 1] = filled;
  });
  return { values: values.slice(0, filled), offsets };
}

/** A latency of each request that ended by itself: +Infinity where it failed. */
export function withFailures({ records, counted }: LevelFacts, valueOf: ValueOf): GroupedSeries {
  const values = new Float64Array(counted.length);
  let filled = 0;
  for (const at of counted) {
    const record = records[at] as RequestRecord;
    if (record.outcome === 'cancelled') continue;
    values[filled++] = isFailed(record) ? Infinity : (valueOf(record, at) ?? Infinity);
  }
  return singletonGroups(values.subarray(0, filled));
}
