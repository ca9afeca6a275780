import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { RequestRecord } from '../model/index.ts';
import { oldFirstPart, oldRunFiles } from './old-run.fixture.ts';
import { readLevels } from './read-levels.ts';
import { createSampleEnvelope, createSampleRecord, toPlainRecords } from './test-support.ts';

const root = mkdtempSync(join(tmpdir(), 'bench-old-records-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let dir = '';
let runs = 0;
beforeEach(() => {
  dir = join(root, `run-${runs++}`);
  mkdirSync(dir);
  for (const [name, bytes] of Object.entries(oldRunFiles)) writeFileSync(join(dir, name), bytes);
});

const first = [0, 1, 2].map((i) => createSampleRecord(0, i));
const odd: Partial<RequestRecord> = {
  outcome: 'reset',
  status: null,
  error: 'gone "so"',
  finishReason: null,
  done: false,
  sentUs: null,
  chunks: { atUs: [7, 7, 5], tokens: [3, 0, 70_000], read: [4, 4, 2], kind: [0, 1, 3] },
};
const recounted = createSampleRecord(0, 1, { outputTokensCounted: 9, tokenSource: 'tokenizer' });
const all = [
  ...[first[0] as RequestRecord, recounted, first[2] as RequestRecord],
  ...[createSampleRecord(0, 3), createSampleRecord(0, 4, odd)],
];
const read = () => readLevels(dir, createSampleEnvelope());
const change = (name: keyof typeof oldRunFiles, edit: (bytes: Buffer) => Buffer | string) =>
  writeFileSync(join(dir, name), edit(Buffer.from(oldRunFiles[name])));

describe('a result from before there was records.bin', () => {
  it('reads as it was written, the later record of a request before the earlier', async () => {
    const [level] = await read();
    expect(level?.findings.map((finding) => finding.code)).toEqual(['client-shares-host']);
    expect(toPlainRecords(level?.records ?? [])).toEqual(toPlainRecords(all));
  });

  it.each(['chunks.bin', 'requests.jsonl'] as const)(
    'torn within %s, at every byte of the last page: what is whole is read',
    async (name) => {
      const end = oldRunFiles[name].length - 1;
      for (let length = end; length > oldFirstPart[name]; length--) {
        truncateSync(join(dir, name), length);
        const [level] = await read();
        const records = toPlainRecords(level?.records ?? []);
        expect(records.slice(0, 1)).toEqual(toPlainRecords(first.slice(0, 1)));
        expect(records.length).toBeGreaterThanOrEqual(3);
        const codes = level?.findings.map((finding) => finding.code) ?? [];
        // A last line that lacks only its line feed is whole.
        const whole = name === 'requests.jsonl' && length === end;
        expect(codes.includes('records-torn')).toBe(!whole);
        if (name === 'chunks.bin') expect(records).toEqual(toPlainRecords(first));
      }
    },
  );

  it('with zeros where the last page was to be', async () => {
    change('chunks.bin', (bytes) => bytes.fill(0, oldFirstPart['chunks.bin']));
    const [level] = await read();
    expect(toPlainRecords(level?.records ?? [])).toEqual(toPlainRecords(first));
    expect(level?.findings.at(-1)?.message).toContain('3 request records have lost their chunks');
  });

  it('killed within the level: the level is rebuilt', async () => {
    const levels = await readLevels(dir, createSampleEnvelope({ levels: [] }));
    expect(levels).toMatchObject([{ index: 0, status: 'partial', requestsPlanned: 5 }]);
    expect(levels[0]?.findings.map((finding) => finding.code)).toEqual(['level-cut']);
  });

  it('that was changed says where', async () => {
    change('chunks.bin', (bytes) => {
      bytes[40] = (bytes[40] ?? 0) ^ 1;
      return bytes;
    });
    await expect(read()).rejects.toMatchObject({
      code: 'RESULT_CORRUPT',
      message: expect.stringMatching(/chunks\.bin, page 0 at byte 0: checksum/),
    });
    change('chunks.bin', (bytes) => bytes);
    change('requests.jsonl', (bytes) => bytes.toString().replace('}\n{', '\n{'));
    await expect(read()).rejects.toMatchObject({
      code: 'RESULT_CORRUPT',
      message: expect.stringContaining('requests.jsonl, line 1'),
    });
    change('requests.jsonl', (bytes) => bytes.toString().replace(/"rows":\d+/, '"rows":999'));
    await expect(read()).rejects.toMatchObject({ code: 'RESULT_CORRUPT' });
    rmSync(join(dir, 'requests.jsonl'));
    await expect(read()).rejects.toMatchObject({ code: 'RESULT_NOT_FOUND' });
  });
});
