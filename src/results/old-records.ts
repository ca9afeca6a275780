import { join } from 'node:path';
import { BenchError } from '../core/index.ts';
import type { RequestRecord } from '../model/index.ts';
import { type ChunkPage, chunksOf, pageMagic, parseChunkPage } from '../records/index.ts';
import { oldChunksFile, requestsFile } from './file-names.ts';
import { readJsonLines } from './line-reader.ts';
import { readPages } from './page-reader.ts';

/** Where a line of requests.jsonl has its chunks: rows of a page, both counted from 0. */
interface ChunkPointer {
  page: number;
  row: number;
  rows: number;
}

type RequestLine = Omit<RequestRecord, 'chunks'> & { chunks: ChunkPointer };

/**
 * The records of a folder from before there was records.bin, in the order in which they were
 * stored: scalars in requests.jsonl, chunks in chunks.bin.
 * @param torn gets a sentence for whatever broke off
 * @throws BenchError RESULT_NOT_FOUND, RESULT_CORRUPT
 */
export async function readOldRecords(dir: string, torn: string[]): Promise<RequestRecord[]> {
  const noteTorn = (file: string) => (bytes: number) => {
    torn.push(`${file} breaks off in its last ${bytes} bytes`);
  };
  const pages: ChunkPage[] = [];
  const chunksPath = join(dir, oldChunksFile);
  const stored = readPages(chunksPath, pageMagic.chunks, parseChunkPage, noteTorn(oldChunksFile));
  for await (const page of stored) pages.push(page);
  const records: RequestRecord[] = [];
  let orphans = 0;
  const linesPath = join(dir, requestsFile);
  for await (const value of readJsonLines(linesPath, noteTorn(requestsFile))) {
    const record = joinRecord(value, pages, linesPath);
    if (record === null) orphans++;
    else records.push(record);
  }
  const missing = pages.reduce((sum, page) => sum + page.requests.length, 0) - records.length;
  if (missing > 0) torn.push(`${missing} requests have chunks but no record`);
  if (orphans > 0) torn.push(`${orphans} request records have lost their chunks`);
  return records;
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
