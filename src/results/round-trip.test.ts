import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { anyRecord } from '../../test/fixtures/any-record.ts';
import type { RequestRecord } from '../model/index.ts';
import {
  createRecordPageBuilder,
  openRecordPage,
  toPlainRecord,
  viewsOf,
} from '../records/index.ts';
import { readAlteredFiles } from './file-hashes.ts';
import { readEnvelope } from './read-envelope.ts';
import { readLevels } from './read-levels.ts';
import { createRunWriter } from './run-writer.ts';
import {
  createSampleEnvelope,
  createSamplePlan,
  createSampleRecord,
  sampleLoad,
  toPlainRecords,
} from './test-support.ts';

const root = mkdtempSync(join(tmpdir(), 'bench-round-trip-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let dir = '';
let runs = 0;
const nextDir = () => join(root, `run-${runs++}`);
beforeEach(() => {
  dir = nextDir();
});

async function writeRun(records: readonly RequestRecord[], flushEvery: number): Promise<void> {
  const writer = await createRunWriter(dir, { runId: 'RUN', flushMs: 10_000 });
  for (const [i, record] of records.entries()) {
    writer.appendRecord(record);
    if (i % flushEvery === flushEvery - 1) await writer.checkpoint(createSampleEnvelope());
  }
  await writer.finish(createSampleEnvelope({ status: 'complete' }));
}

describe('what was appended is what is read', () => {
  it('for any records, wherever pages end and in whatever order requests end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRecord, { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        async (drafts, flushEvery) => {
          dir = nextDir();
          const records = drafts.map((draft, index) => ({ ...draft, level: 0, index }));
          await writeRun([...records].reverse(), flushEvery);
          const [level] = await readLevels(dir, await readEnvelope(dir));
          expect(toPlainRecords(level?.records ?? [])).toEqual(toPlainRecords(records));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('for requests that came in pages of threads, changed or not, in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(anyRecord, { minLength: 1, maxLength: 5 }), { maxLength: 5 }),
        fc.nat(3),
        fc.array(fc.nat(20), { maxLength: 4 }),
        async (pages, skip, recounted) => {
          dir = nextDir();
          let index = 0;
          const own = pages.map((drafts) =>
            drafts.map((draft) => ({ ...draft, level: 0, index: index++ })),
          );
          const views = own.flatMap((records) => {
            const builder = createRecordPageBuilder();
            for (const record of records) builder.add(record);
            return viewsOf(openRecordPage(builder.finish()));
          });
          const writer = await createRunWriter(dir, { runId: 'RUN' });
          const expected = new Map<number, RequestRecord>();
          const append = (record: RequestRecord) => {
            writer.appendRecord(record);
            expected.set(record.index, toPlainRecord(record));
          };
          // Not all requests of a page: it cannot go to the file as it is.
          for (const view of views.slice(skip)) append(view);
          for (const i of recounted) {
            const view = views[i];
            if (view === undefined) continue;
            view.tokenSource = 'tokenizer';
            view.outputTokensCounted = i;
            view.chunks.tokens = Array.from(view.chunks.atUs, (_, row) => row + i);
            append(view);
          }
          const inMemory = [...expected.values()].sort((a, b) => a.index - b.index);
          await writer.finish(createSampleEnvelope({ status: 'complete' }));
          const [level] = await readLevels(dir, await readEnvelope(dir));
          expect(toPlainRecords(level?.records ?? [])).toEqual(toPlainRecords(inMemory));
          // Where they lie now, the views say the same.
          const kept = views.filter((view) => expected.has(view.index));
          expect(toPlainRecords(kept)).toEqual(toPlainRecords(inMemory));
          // The copy for people says it too, a line each time that a request was stored.
          const lines = readFileSync(join(dir, 'requests.jsonl'), 'utf8').split('\n').slice(0, -1);
          const latest = new Map(lines.map((line) => [JSON.parse(line).index, JSON.parse(line)]));
          for (const record of inMemory) {
            const chunks = { rows: record.chunks.atUs.length };
            expect(latest.get(record.index)).toEqual(
              JSON.parse(JSON.stringify({ ...record, chunks })),
            );
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('for levels: everything but the records comes from the envelope', async () => {
    const [summary] = createSampleEnvelope().levels;
    await writeRun(
      [createSampleRecord(0, 1), createSampleRecord(-1, 0), createSampleRecord(0, 0)],
      9,
    );
    const levels = await readLevels(join(dir, 'envelope.json'), await readEnvelope(dir));
    expect(levels).toHaveLength(1);
    const { records, ...rest } = levels[0] ?? { records: [] };
    expect(records.map((record) => record.index)).toEqual([0, 1]);
    expect(rest).toEqual({
      index: 0,
      load: sampleLoad,
      startUs: 1000,
      windowStartUs: 1000,
      windowEndUs: 5_000_000,
      endUs: 6_000_000,
      planHash: 'hash',
      requestsPlanned: 2,
      status: 'complete',
      findings: summary?.findings,
    });
  });

  it('in many pages when there is much', async () => {
    const records = Array.from({ length: 1500 }, (_, i) => createSampleRecord(0, i));
    await writeRun(records, 10_000);
    expect(
      readFileSync(join(dir, 'records.bin')).toString('latin1').split('IBRP').length,
    ).toBeGreaterThan(2);
    const [level] = await readLevels(dir, await readEnvelope(dir));
    expect(toPlainRecords(level?.records ?? [])).toEqual(toPlainRecords(records));
  });

  it('and the copy for people stops before it gets too large, which the result says', async () => {
    const records = Array.from({ length: 6 }, (_, i) => createSampleRecord(0, i));
    const writer = await createRunWriter(dir, { runId: 'RUN', requestLines: 2 });
    for (const record of records) {
      writer.appendRecord(record);
      await writer.checkpoint(createSampleEnvelope());
    }
    const envelope = await writer.finish(createSampleEnvelope({ findings: [] }));
    expect(envelope.findings).toMatchObject([
      { code: 'requests-not-listed', message: expect.stringContaining('the last 4 requests') },
    ]);
    expect(readFileSync(join(dir, 'requests.jsonl'), 'utf8').split('\n')).toHaveLength(3);
    const [level] = await readLevels(dir, envelope);
    expect(toPlainRecords(level?.records ?? [])).toEqual(toPlainRecords(records));
  });

  it('and the envelope has the hash of every file', async () => {
    await writeRun([createSampleRecord(0, 0)], 1);
    const envelope = await readEnvelope(dir);
    expect(Object.keys(envelope.files)).toEqual(['plan.jsonl', 'records.bin', 'requests.jsonl']);
    expect(await readAlteredFiles(dir, envelope)).toEqual([]);
    appendFileSync(join(dir, 'requests.jsonl'), ' ');
    rmSync(join(dir, 'plan.jsonl'));
    expect(await readAlteredFiles(dir, envelope)).toEqual(['plan.jsonl', 'requests.jsonl']);
  });
});

describe('a run that was killed', () => {
  const records = [0, 1, 2, 3, 4].map((i) => createSampleRecord(0, i));
  const whole = () => toPlainRecords(records.slice(0, 3));

  /** Returns where the second page begins. */
  async function writeTwoPages(): Promise<number> {
    const writer = await createRunWriter(dir, { runId: 'RUN' });
    await writer.writePlan(0, createSamplePlan(5));
    for (const record of records.slice(0, 3)) writer.appendRecord(record);
    await writer.checkpoint(createSampleEnvelope());
    const { length } = readFileSync(join(dir, 'records.bin'));
    for (const record of records.slice(3)) writer.appendRecord(record);
    await writer.close();
    return length;
  }

  it('at every byte of the last page: what is whole is read', async () => {
    const firstPage = await writeTwoPages();
    const bytes = readFileSync(join(dir, 'records.bin'));
    for (let end = bytes.length - 1; end >= firstPage; end--) {
      truncateSync(join(dir, 'records.bin'), end);
      const [level] = await readLevels(dir, createSampleEnvelope());
      expect(toPlainRecords(level?.records ?? [])).toEqual(whole());
      const codes = level?.findings.map((finding) => finding.code) ?? [];
      expect(codes.includes('records-torn')).toBe(end > firstPage);
    }
  });

  it('with zeros where the last page was to be', async () => {
    const firstPage = await writeTwoPages();
    const bytes = readFileSync(join(dir, 'records.bin'));
    const left = bytes.fill(0, firstPage).length - firstPage;
    writeFileSync(join(dir, 'records.bin'), bytes);
    const [level] = await readLevels(dir, createSampleEnvelope());
    expect(toPlainRecords(level?.records ?? [])).toEqual(whole());
    expect(level?.findings.at(-1)?.message).toContain(
      `records.bin breaks off in its last ${left} bytes`,
    );
  });

  it('within a level: the level is rebuilt from plan and records', async () => {
    await writeTwoPages();
    const levels = await readLevels(dir, createSampleEnvelope({ levels: [] }));
    expect(levels).toMatchObject([
      {
        index: 0,
        load: sampleLoad,
        // Requests are intended 400 us earlier in the plan than in the records.
        startUs: 400,
        windowStartUs: 400,
        windowEndUs: 5_000_001,
        endUs: 5_500_000,
        planHash: 'plan hash',
        requestsPlanned: 5,
        status: 'partial',
        findings: [{ code: 'level-cut', level: 0 }],
      },
    ]);
    expect(toPlainRecords(levels[0]?.records ?? [])).toEqual(toPlainRecords(records));
  });

  it('within a level behind a lead-in: the window begins with the first that counts', async () => {
    const writer = await createRunWriter(dir, { runId: 'RUN' });
    await writer.writePlan(0, createSamplePlan(5));
    for (const record of records) writer.appendRecord({ ...record, counted: record.index >= 2 });
    await writer.close();
    writeFileSync(join(dir, 'envelope.json'), JSON.stringify(createSampleEnvelope({ levels: [] })));
    const [level] = await readLevels(dir, createSampleEnvelope({ levels: [] }));
    expect(level).toMatchObject({ startUs: 400, windowStartUs: records[2]?.intendedUs });
    expect(level?.windowStartUs).toBeGreaterThan(400);
  });

  it('by SIGKILL: loses at most the last second', async () => {
    const module = (path: string) => pathToFileURL(join(import.meta.dirname, path)).href;
    const script = `
      import { createRunWriter } from ${JSON.stringify(module('run-writer.ts'))};
      import { createSampleEnvelope, createSamplePlan, createSampleRecord } from ${JSON.stringify(module('test-support.ts'))};
      const writer = await createRunWriter(${JSON.stringify(dir)}, { runId: 'RUN' });
      await writer.writePlan(0, createSamplePlan(1e5));
      await writer.checkpoint(createSampleEnvelope({ levels: [] }));
      let index = 0;
      setInterval(() => {
        writer.appendRecord(createSampleRecord(0, index));
        process.stdout.write(index++ + ' ' + Date.now() + '\\n');
      }, 40);
    `;
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', script],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const appended = collectLines(child);
    // Far under 64 KiB: only the timer can have stored anything.
    await waitFor(() => appended.length > 60);
    child.kill('SIGKILL');
    await once(child, 'close');
    const [level] = await readLevels(dir, await readEnvelope(dir));
    const kept = level?.records.length ?? 0;
    const at = (i: number) => Number(appended[i]?.split(' ')[1]);
    expect(kept).toBeGreaterThan(0);
    // A record can be on disk before its line is read here.
    if (kept < appended.length) expect(at(appended.length - 1) - at(kept)).toBeLessThan(1000);
    expect(level?.records.map((record) => record.index)).toEqual([...Array(kept).keys()]);
  }, 60_000);
});

function collectLines(child: ChildProcess): string[] {
  const lines: string[] = [];
  let rest = '';
  child.stdout?.on('data', (bytes: Buffer) => {
    const parts = (rest + bytes.toString()).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  return lines;
}

async function waitFor(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((done) => setTimeout(done, 20));
}

describe('files that were changed', () => {
  it('are named with the place', async () => {
    await writeRun(
      [0, 1, 2, 3].map((i) => createSampleRecord(0, i)),
      2,
    );
    const path = join(dir, 'records.bin');
    const bytes = readFileSync(path);
    const second = bytes.lastIndexOf('IBRP');
    bytes[second + 40] = (bytes[second + 40] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const failure = () => readLevels(dir, createSampleEnvelope());
    await expect(failure()).rejects.toMatchObject({
      code: 'RESULT_CORRUPT',
      message: expect.stringContaining(`records.bin, page 1 at byte ${second}: checksum`),
    });
    rmSync(path);
    await expect(failure()).rejects.toMatchObject({ code: 'RESULT_NOT_FOUND' });
  });
});
