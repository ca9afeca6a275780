import { join } from 'node:path';
import { BenchError } from '../core/index.ts';
import type { Envelope, Finding, LevelRun, RequestRecord } from '../model/index.ts';
import { type ChunkPage, chunksOf } from './chunk-page.ts';
import { readJsonLines } from './line-reader.ts';
import { readChunkPages } from './page-reader.ts';
import { findResultFolder } from './read-envelope.ts';
import { rebuildLevels } from './rebuild-levels.ts';
import { chunksFile, requestsFile } from './run-folder.ts';

/** Where a line of requests.jsonl has its chunks: rows of a page, both counted from 0. */
export interface ChunkPointer {
  page: number;
  row: number;
  rows: number;
}

type RequestLine = Omit<RequestRecord, 'chunks'> & { chunks: ChunkPointer };

/**
 * Reads the raw material of every number from a result folder: what was appended, value for value.
 * A level that the envelope does not know yet (the run was killed within it) is rebuilt from the
 * plan and its records, as `partial`. Where the last page or line breaks off, what is whole is
 * returned and the last level carries the finding `records-torn`. Findings of a known level are
 * those of its summary.
 *
 * @param path the result folder, or its envelope.json
 * @throws BenchError RESULT_NOT_FOUND, RESULT_CORRUPT
 */
export async function readLevels(path: string, envelope: Envelope): Promise<LevelRun[]> {
  const dir = await findResultFolder(path);
  const torn: string[] = [];
  const noteTorn = (file: string) => (bytes: number) => {
    torn.push(`${file} breaks off in its last ${bytes} bytes`);
  };
  const pages = await readChunkPages(join(dir, chunksFile), noteTorn(chunksFile));
  const latest = new Map<number, Map<number, RequestRecord>>();
  let orphans = 0;
  let joined = 0;
  const linesPath = join(dir, requestsFile);
  for await (const value of readJsonLines(linesPath, noteTorn(requestsFile))) {
    const record = joinRecord(value, pages, linesPath);
    if (record === null) {
      orphans++;
      continue;
    }
    joined++;
    // A request is stored when it ends, and again when its tokens have been counted.
    const level = latest.get(record.level) ?? new Map<number, RequestRecord>();
    latest.set(record.level, level.set(record.index, record));
  }
  const missing = pages.reduce((sum, page) => sum + page.requests.length, 0) - joined;
  if (missing > 0) torn.push(`${missing} requests have chunks but no record`);
  if (orphans > 0) torn.push(`${orphans} request records have lost their chunks`);
  const byLevel = new Map<number, RequestRecord[]>();
  for (const [level, records] of latest) {
    byLevel.set(
      level,
      [...records.values()].sort((a, b) => a.index - b.index),
    );
  }

  const levels = envelope.levels.map((summary): LevelRun => {
    const { concurrencyReached: _, ...load } = summary.load;
    return {
      index: summary.index,
      load,
      startUs: summary.startUs,
      windowStartUs: summary.windowStartUs,
      windowEndUs: summary.windowEndUs,
      endUs: summary.endUs,
      planHash: summary.planHash,
      requestsPlanned: summary.requestsPlanned,
      status: summary.status,
      records: byLevel.get(summary.index) ?? [],
      findings: [...summary.findings],
    };
  });
  for (const { index } of levels) byLevel.delete(index);
  levels.push(...(await rebuildLevels(dir, byLevel)));
  levels.at(-1)?.findings.push(...tornFindings(torn));
  return levels;
}

/** Null when the line's chunks are past the end of a file that broke off. */
function joinRecord(
  value: unknown,
  pages: readonly ChunkPage[],
  path: string,
): RequestRecord | null {
  const { chunks, ...record } = (value ?? {}) as RequestLine;
  const page = chunks === undefined ? undefined : pages[chunks.page];
  if (page === undefined && chunks !== undefined && chunks.page >= pages.length) return null;
  if (page === undefined || !(chunks.row + chunks.rows <= page.kind.length)) {
    throw new BenchError(
      'RESULT_CORRUPT',
      `${path}: request ${record.index} of level ${record.level} points to chunks that are not there.`,
      { hint: 'The file was changed after it was written; measure again.' },
    );
  }
  return { ...record, chunks: chunksOf(page, chunks.row, chunks.rows) };
}

function tornFindings(torn: readonly string[]): Finding[] {
  if (torn.length === 0) return [];
  const message = `The run was cut off while it was writing: ${torn.join('; ')}. Requests that ended in its last second may be missing.`;
  return [{ code: 'records-torn', severity: 'warning', message }];
}
