import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
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
import { outcomes, type RequestRecord } from '../model/index.ts';
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

const timeUs = fc.integer({ min: 0, max: 2 ** 45 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const anyChunks = fc
  .array(
    fc.tuple(
      fc.oneof(timeUs, fc.integer({ min: 0, max: 1000 })),
      fc.integer({ min: 0, max: 70_000 }),
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.integer({ min: 0, max: 3 }),
    ),
    { maxLength: 30 },
  )
  .map((rows) => ({
    atUs: rows.map((row) => row[0]),
    tokens: rows.map((row) => row[1]),
    read: rows.map((row) => row[2]),
    kind: rows.map((row) => row[3]),
  }));
const anyRecord = fc.record({
  requestId: fc.string({ unit: 'binary' }),
  counted: fc.boolean(),
  intendedUs: timeUs,
  sentUs: maybe(timeUs),
  connectUs: timeUs,
  headersUs: maybe(timeUs),
  firstByteUs: maybe(timeUs),
  firstChunkUs: maybe(timeUs),
  firstTokenUs: maybe(timeUs),
  lastTokenUs: maybe(timeUs),
  endUs: timeUs,
  outcome: fc.constantFrom(...outcomes),
  status: maybe(fc.integer({ min: 100, max: 599 })),
  error: maybe(fc.string({ unit: 'binary' })),
  finishReason: maybe(fc.string()),
  done: fc.boolean(),
  inputTokensAsked: fc.nat(),
  outputTokensAsked: fc.nat(),
  inputTokensUsage: maybe(fc.nat()),
  outputTokensUsage: maybe(fc.nat()),
  cachedTokensUsage: maybe(fc.nat()),
  outputTokensCounted: maybe(fc.nat()),
  tokenSource: fc.constantFrom('continuous-usage', 'tokenizer', 'assumed', 'none'),
  chunks: anyChunks,
}) as fc.Arbitrary<Omit<RequestRecord, 'level' | 'index'>>;

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
    const lines = readFileSync(join(dir, 'requests.jsonl'), 'utf8').trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '').chunks.page).toBeGreaterThan(5);
    const [level] = await readLevels(dir, await readEnvelope(dir));
    expect(toPlainRecords(level?.records ?? [])).toEqual(toPlainRecords(records));
  });

  it('and the envelope has the hash of every file', async () => {
    await writeRun([createSampleRecord(0, 0)], 1);
    const envelope = await readEnvelope(dir);
    expect(Object.keys(envelope.files)).toEqual(['chunks.bin', 'plan.jsonl', 'requests.jsonl']);
    expect(await readAlteredFiles(dir, envelope)).toEqual([]);
    appendFileSync(join(dir, 'requests.jsonl'), ' ');
    rmSync(join(dir, 'plan.jsonl'));
    expect(await readAlteredFiles(dir, envelope)).toEqual(['plan.jsonl', 'requests.jsonl']);
  });
});

describe('a run that was killed', () => {
  const records = [0, 1, 2, 3, 4].map((i) => createSampleRecord(0, i));
  const whole = () => toPlainRecords(records.slice(0, 3));

  async function writeTwoPages(): Promise<Record<'chunks.bin' | 'requests.jsonl', number>> {
    const writer = await createRunWriter(dir, { runId: 'RUN' });
    await writer.writePlan(0, createSamplePlan(5));
    for (const record of records.slice(0, 3)) writer.appendRecord(record);
    await writer.checkpoint(createSampleEnvelope());
    const size = (name: string) => readFileSync(join(dir, name)).length;
    const sizes = { 'chunks.bin': size('chunks.bin'), 'requests.jsonl': size('requests.jsonl') };
    for (const record of records.slice(3)) writer.appendRecord(record);
    await writer.close();
    return sizes;
  }

  it.each(['chunks.bin', 'requests.jsonl'] as const)(
    'within %s, at every byte of the last page: what is whole is read',
    async (name) => {
      const firstPage = (await writeTwoPages())[name];
      const bytes = readFileSync(join(dir, name));
      for (let end = bytes.length - 1; end > firstPage; end--) {
        truncateSync(join(dir, name), end);
        const [level] = await readLevels(dir, createSampleEnvelope());
        const read = toPlainRecords(level?.records ?? []);
        expect(read.slice(0, 3)).toEqual(whole());
        const kept = toPlainRecords(records).slice(0, read.length);
        expect(read).toEqual(kept);
        const codes = level?.findings.map((finding) => finding.code) ?? [];
        // A last line that lacks only its line feed is whole.
        expect(codes.includes('records-torn')).toBe(read.length < 5);
        if (name === 'chunks.bin') expect(read).toHaveLength(3);
      }
    },
  );

  it('with zeros where the last page was to be', async () => {
    const firstPage = (await writeTwoPages())['chunks.bin'];
    const bytes = readFileSync(join(dir, 'chunks.bin'));
    bytes.fill(0, firstPage);
    writeFileSync(join(dir, 'chunks.bin'), bytes);
    const [level] = await readLevels(dir, createSampleEnvelope());
    expect(toPlainRecords(level?.records ?? [])).toEqual(whole());
    expect(level?.findings.at(-1)?.message).toContain('2 request records have lost their chunks');
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
    expect(at(appended.length - 1) - at(kept)).toBeLessThan(1000);
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
  beforeEach(async () => {
    await writeRun(
      [0, 1, 2, 3].map((i) => createSampleRecord(0, i)),
      2,
    );
  });
  const failure = () => readLevels(dir, createSampleEnvelope());
  const change = (name: string, edit: (bytes: Buffer) => Buffer | string) =>
    writeFileSync(join(dir, name), edit(readFileSync(join(dir, name))));

  it('are named with the place', async () => {
    cpSync(dir, `${dir}-copy`, { recursive: true });
    change('chunks.bin', (bytes) => {
      bytes[40] = (bytes[40] ?? 0) ^ 1;
      return bytes;
    });
    await expect(failure()).rejects.toMatchObject({
      code: 'RESULT_CORRUPT',
      message: expect.stringMatching(/chunks\.bin, page 0 at byte 0: checksum/),
    });
    dir = `${dir}-copy`;
    change('requests.jsonl', (bytes) => bytes.toString().replace('}\n{', '\n{'));
    await expect(failure()).rejects.toMatchObject({
      code: 'RESULT_CORRUPT',
      message: expect.stringContaining('requests.jsonl, line 1'),
    });
    rmSync(join(dir, 'requests.jsonl'));
    await expect(failure()).rejects.toMatchObject({ code: 'RESULT_NOT_FOUND' });
  });

  it('lines that point nowhere are refused', async () => {
    change('requests.jsonl', (bytes) => bytes.toString().replace(/"rows":\d+/, '"rows":999'));
    await expect(failure()).rejects.toMatchObject({ code: 'RESULT_CORRUPT' });
  });
});
