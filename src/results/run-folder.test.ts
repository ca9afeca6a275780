import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { BenchError } from '../core/index.ts';
import { type FileSink, openNewFile } from './append-file.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { readEnvelope } from './read-envelope.ts';
import { readLevels } from './read-levels.ts';
import { createRunId } from './run-id.ts';
import { createRunWriter } from './run-writer.ts';
import { createSampleEnvelope, createSampleRecord, toPlainRecords } from './test-support.ts';

const root = mkdtempSync(join(tmpdir(), 'bench-results-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let dir = '';
let runs = 0;
beforeEach(() => {
  dir = join(root, `run-${runs++}`);
});

const refused = (path: string, openSink = openNewFile) =>
  createRunWriter(path, { runId: 'RUN', openSink }).then(
    () => null,
    (error: BenchError) => error,
  );

function mountTinyDisk(path: string): boolean {
  try {
    mkdirSync(path);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('before any load is sent', () => {
  it('refuses a folder with something in it, and leaves it alone', async () => {
    mkdirSync(dir);
    writeFileSync(join(dir, 'mine.txt'), 'x');
    expect(await refused(dir)).toMatchObject({
      code: 'RESULT_EXISTS',
      message: expect.stringContaining(dir),
      hint: expect.stringContaining('--output'),
    });
    expect(readdirSync(dir)).toEqual(['mine.txt']);
  });

  it('takes an empty folder', async () => {
    mkdirSync(dir);
    const writer = await createRunWriter(dir, { runId: 'RUN' });
    await writer.close();
    expect(readdirSync(dir).sort()).toEqual(['plan.jsonl', 'records.bin', 'requests.jsonl']);
  });

  it('takes the place of a run that is over and never sent load, and of no other', async () => {
    const finished = createSampleEnvelope({ status: 'failed', levels: [] });
    const over = await createRunWriter(dir, { runId: 'RUN' });
    await over.finish(finished);
    writeFileSync(join(dir, 'engine.log'), 'it would not start');
    const next = await createRunWriter(dir, { runId: 'RUN' });
    expect(readdirSync(dir).sort()).toEqual(['plan.jsonl', 'records.bin', 'requests.jsonl']);
    // Still on, for all that a file can tell.
    await next.checkpoint(finished);
    expect(await refused(dir)).toMatchObject({ code: 'RESULT_EXISTS' });
    await next.finish(finished);

    const refusals: [string, () => void][] = [
      ['a file of somebody', () => writeFileSync(join(dir, 'notes.txt'), '')],
      ['a plan', () => writeFileSync(join(dir, 'plan.jsonl'), '{}')],
      ['records', () => writeFileSync(join(dir, 'records.bin'), 'x')],
      ['no envelope', () => rmSync(join(dir, 'envelope.json'))],
      [
        'levels',
        () =>
          writeFileSync(
            join(dir, 'envelope.json'),
            JSON.stringify({ ...createSampleEnvelope(), files: { x: 'y' } }),
          ),
      ],
    ];
    for (const [what, change] of refusals) {
      rmSync(dir, { recursive: true });
      await (await createRunWriter(dir, { runId: 'RUN' })).finish(finished);
      change();
      const before = readdirSync(dir);
      expect(await refused(dir), what).toMatchObject({ code: 'RESULT_EXISTS' });
      expect(readdirSync(dir)).toEqual(before);
    }
  });

  it('refuses a folder below a file, and what the system forbids', async () => {
    writeFileSync(dir, 'a file');
    for (const path of [dir, join(dir, 'below'), '/proc/no/such']) {
      expect(await refused(path)).toMatchObject({
        code: 'RESULT_NOT_WRITABLE',
        message: expect.stringContaining(path),
        exitCode: 3,
      });
    }
  });

  it('takes away what it had made when a file cannot be opened', async () => {
    const failing = async (path: string): Promise<FileSink> => {
      if (path.endsWith('plan.jsonl')) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
      return openNewFile(path);
    };
    const deep = join(dir, 'a', 'b');
    expect(await refused(deep, failing)).toMatchObject({ code: 'RESULT_NOT_WRITABLE' });
    expect(existsSync(dir)).toBe(false);
  });

  it('finds a full disk out', async (context) => {
    const disk = join(root, 'tiny-disk');
    if (!mountTinyDisk(disk)) return context.skip();
    try {
      const full = await refused(join(disk, 'run'));
      expect(full).toMatchObject({ code: 'RESULT_DISK_FULL' });
      expect(full?.message).toContain(disk);
      expect(readdirSync(disk)).toEqual([]);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

describe('a disk that fails mid-run', () => {
  const records = Array.from({ length: 50 }, (_, i) => createSampleRecord(0, i));

  /** Takes `room` bytes per file, in small writes, then has no space until `free` is true. */
  const createFullSink = (room: number, state: { free: boolean }) => async (path: string) => {
    const file = await open(path, 'wx');
    return {
      async write(bytes: Uint8Array, offset: number, length: number, position: number) {
        const most = state.free ? length : Math.min(length, 100, room - position);
        if (most <= 0) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
        return file.write(bytes, offset, most, position);
      },
      close: () => file.close(),
    };
  };

  it('loses nothing when space comes back', async () => {
    const state = { free: false };
    const problems: BenchError[] = [];
    const writer = await createRunWriter(dir, {
      runId: 'RUN',
      flushMs: 5,
      onProblem: (problem) => problems.push(problem),
      openSink: createFullSink(150, state),
    });
    for (const record of records.slice(0, 25)) writer.appendRecord(record);
    await writer.checkpoint(createSampleEnvelope());
    for (const record of records.slice(25)) writer.appendRecord(record);
    await writer.checkpoint(createSampleEnvelope());
    expect(problems).toMatchObject([{ code: 'RESULT_DISK_FULL' }]);
    expect(problems[0]?.details).toEqual({ requestsNotStored: 25 });
    expect(problems[0]?.message).toContain('25 finished requests');
    expect(writer.requestsNotStored).toBe(50);
    state.free = true;
    const envelope = await writer.finish(createSampleEnvelope({ status: 'complete' }));
    expect(writer.requestsNotStored).toBe(0);
    expect(envelope.findings).toHaveLength(1);
    const [level] = await readLevels(dir, envelope);
    expect(toPlainRecords(level?.records ?? [])).toEqual(toPlainRecords(records));
  });

  it('keeps what was written and says so when it stays full', async () => {
    const state = { free: true };
    const openSink = createFullSink(0, state);
    const writer = await createRunWriter(dir, { runId: 'RUN', openSink });
    for (const record of records.slice(0, 25)) writer.appendRecord(record);
    await writer.checkpoint(createSampleEnvelope());
    state.free = false;
    for (const record of records.slice(25)) writer.appendRecord(record);
    await expect(writer.finish(createSampleEnvelope())).rejects.toMatchObject({
      code: 'RESULT_DISK_FULL',
      exitCode: 3,
      details: { requestsNotStored: 25 },
    });
    const envelope = await readEnvelope(dir);
    expect(envelope.findings.at(-1)).toMatchObject({
      code: 'records-incomplete',
      message: expect.stringContaining('the records of 25 requests'),
    });
    const [level] = await readLevels(dir, envelope);
    expect(toPlainRecords(level?.records ?? [])).toEqual(toPlainRecords(records.slice(0, 25)));
  });

  it("meets the kernel's own ENOSPC", async (context) => {
    if (!existsSync('/dev/full')) return context.skip();
    const problems: BenchError[] = [];
    const writer = await createRunWriter(dir, {
      runId: 'RUN',
      onProblem: (problem) => problems.push(problem),
      openSink: (path) =>
        path.endsWith('records.bin') ? open('/dev/full', 'w') : openNewFile(path),
    });
    writer.appendRecord(createSampleRecord(0, 0));
    await writer.close();
    expect(problems).toMatchObject([{ code: 'RESULT_DISK_FULL' }]);
  });
});

describe('writeFileAtomic', () => {
  it('replaces a file, or leaves it as it was, and nothing beside it', async () => {
    mkdirSync(dir);
    const path = join(dir, 'x.json');
    await writeFileAtomic(path, 'one');
    await writeFileAtomic(path, 'two');
    mkdirSync(join(dir, 'taken'));
    await expect(writeFileAtomic(join(dir, 'taken'), 'three')).rejects.toThrow();
    expect(readdirSync(dir).sort()).toEqual(['taken', 'x.json']);
  });
});

it('run ids sort by time and differ', () => {
  const ids = [1, 2, 2].map((s) =>
    createRunId({ wallMs: () => 1_700_000_000_000 + s * 1000 + 0.5 }),
  );
  expect(ids.every((id) => /^[0-9A-HJKMNP-TV-Z]{26}$/.test(id))).toBe(true);
  expect((ids[0] ?? '') < (ids[1] ?? '')).toBe(true);
  expect(ids[1]).not.toBe(ids[2]);
});
