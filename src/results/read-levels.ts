import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Envelope, Finding, LevelRun, RequestRecord } from '../model/index.ts';
import { pageMagic, parseRecordPage, viewsOf } from '../records/index.ts';
import { oldChunksFile, recordsFile } from './file-names.ts';
import { readOldRecords } from './old-records.ts';
import { readPages } from './page-reader.ts';
import { findResultFolder } from './read-envelope.ts';
import { rebuildLevels } from './rebuild-levels.ts';

/**
 * Reads the raw material of every number from a result folder: what was appended, value for value.
 * Records stay as they lie in the file and are decoded where they are read. A level that the
 * envelope does not know yet (the run was killed within it) is rebuilt from the plan and its
 * records, as `partial`. Where the last page breaks off, what is whole is returned and the last
 * level carries the finding `records-torn`. Findings of a known level are those of its summary.
 *
 * @param path the result folder, or its envelope.json
 * @throws BenchError RESULT_NOT_FOUND, RESULT_CORRUPT
 */
export async function readLevels(path: string, envelope: Envelope): Promise<LevelRun[]> {
  const dir = await findResultFolder(path);
  const torn: string[] = [];
  const byLevel = await readRecords(dir, torn);
  for (const records of byLevel.values()) keepLatest(records);

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

/** All records in the order in which they were stored, by level. */
async function readRecords(dir: string, torn: string[]): Promise<Map<number, RequestRecord[]>> {
  const byLevel = new Map<number, RequestRecord[]>();
  const add = (record: RequestRecord): void => {
    const { level } = record;
    const records = byLevel.get(level);
    if (records === undefined) byLevel.set(level, [record]);
    else records.push(record);
  };
  const path = join(dir, recordsFile);
  if (!(await exists(path)) && (await exists(join(dir, oldChunksFile)))) {
    for (const record of await readOldRecords(dir, torn)) add(record);
    return byLevel;
  }
  const pages = readPages(path, pageMagic.records, parseRecordPage, (bytes) => {
    torn.push(`${recordsFile} breaks off in its last ${bytes} bytes`);
  });
  for await (const page of pages) for (const record of viewsOf(page)) add(record);
  return byLevel;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * In order of index, each request once. A request is stored when it ends, and again when its tokens
 * have been counted: the later record is the better one.
 */
function keepLatest(records: RequestRecord[]): void {
  // Sorting is stable: of one request, what was stored later stays behind.
  records.sort((a, b) => a.index - b.index);
  let kept = 0;
  for (let i = 0; i < records.length; i++) {
    const record = records[i] as RequestRecord;
    if (record.index !== records[i + 1]?.index) records[kept++] = record;
  }
  records.length = kept;
}

function tornFindings(torn: readonly string[]): Finding[] {
  if (torn.length === 0) return [];
  const message = `The run was cut off while it was writing: ${torn.join('; ')}. Requests that ended in its last second may be missing.`;
  return [{ code: 'records-torn', severity: 'warning', message }];
}
