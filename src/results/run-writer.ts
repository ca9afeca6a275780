import { join } from 'node:path';
import type { BenchError } from '../core/index.ts';
import type { Envelope, LevelPlan, RequestRecord } from '../model/index.ts';
import { type AppendFile, type OpenSink, openNewFile } from './append-file.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { createChunkPageBuilder } from './chunk-page.ts';
import { hashFiles } from './file-hashes.ts';
import { planLines } from './plan-lines.ts';
import { toWriteError } from './result-error.ts';
import { createRunFolder, envelopeFile } from './run-folder.ts';

export interface RunWriterOptions {
  runId: string;
  /** Told once when the disk fails mid-run; records are then kept in memory and tried again. */
  onProblem?: (problem: BenchError) => void;
  /** Longest time that a record stays in memory only, milliseconds; default 500. */
  flushMs?: number;
  /** How record files are opened; tests put failing ones in place. */
  openSink?: OpenSink;
}

/** Writes a result folder as the run goes. Only `finish` rejects because of the disk. */
export interface RunWriter {
  readonly dir: string;
  /**
   * Takes a finished request; it is on disk within `flushMs`, or as soon as 64 KiB are waiting.
   * @throws RangeError for a record that breaks its contract (stamps that are not whole numbers).
   */
  appendRecord(record: RequestRecord): void;
  /** Stores what a level will send; call it before the level starts. */
  writePlan(level: number, plan: LevelPlan): Promise<void>;
  /** Stores the envelope as it stands (status `partial` until the run is over), and all records. */
  checkpoint(envelope: Envelope): Promise<void>;
  /**
   * Stores the rest, and the envelope with the SHA-256 of every file beside it; returns that
   * envelope and closes.
   * @throws BenchError RESULT_DISK_FULL, RESULT_NOT_WRITABLE; the envelope is stored all the same
   * where that is possible, with the finding `records-incomplete`.
   */
  finish(envelope: Envelope): Promise<Envelope>;
  /** Ends without an envelope of its own: stores what is waiting. May be called again. */
  close(): Promise<void>;
}

const pageBytes = 64 * 1024;

/**
 * Creates the folder and its record files before any load is sent.
 * @throws BenchError RESULT_EXISTS, RESULT_NOT_WRITABLE, RESULT_DISK_FULL
 */
export async function createRunWriter(dir: string, options: RunWriterOptions): Promise<RunWriter> {
  const { runId, onProblem, flushMs = 500, openSink = openNewFile } = options;
  const folder = await createRunFolder(dir, openSink);
  const waiting: { file: AppendFile; bytes: Uint8Array }[] = [];
  let page = createChunkPageBuilder();
  let pages = 0;
  let lines = '';
  let problem: BenchError | null = null;
  let writing: Promise<void> = Promise.resolve();
  let closed = false;

  const report = (error: unknown, path: string): void => {
    const first = problem === null;
    problem = toWriteError(error, path);
    if (first) onProblem?.(problem);
  };
  const seal = (): void => {
    if (page.requests === 0) return;
    // The page goes first: a line on disk always finds its chunks.
    waiting.push({ file: folder.chunks, bytes: page.finish() });
    waiting.push({ file: folder.requests, bytes: Buffer.from(lines) });
    page = createChunkPageBuilder();
    pages++;
    lines = '';
  };
  const drain = async (): Promise<void> => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      try {
        await next.file.append(next.bytes);
      } catch (error) {
        report(error, next.file.path);
        return;
      }
      waiting.shift();
    }
    problem = null;
  };
  const flush = (): Promise<void> => {
    seal();
    writing = writing.then(drain);
    return writing;
  };
  const storeEnvelope = async (envelope: Envelope): Promise<void> => {
    const path = join(dir, envelopeFile);
    try {
      await writeFileAtomic(path, `${JSON.stringify(envelope, null, 2)}\n`);
    } catch (error) {
      report(error, path);
    }
  };
  const requireRun = (envelope: Envelope): void => {
    if (envelope.runId !== runId) throw new Error(`envelope of ${envelope.runId} in run ${runId}`);
  };
  const timer = setInterval(() => void flush(), flushMs);
  timer.unref();
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    clearInterval(timer);
    await flush();
    await Promise.allSettled([folder.chunks, folder.requests, folder.plan].map((f) => f.close()));
  };

  return {
    dir,
    appendRecord({ chunks, ...record }) {
      if (closed) throw new Error('record after the result was closed');
      const row = page.rows;
      page.add({ level: record.level, index: record.index, chunks });
      const pointer = { page: pages, row, rows: chunks.atUs.length };
      lines += `${JSON.stringify({ ...record, chunks: pointer })}\n`;
      if (page.size + lines.length >= pageBytes) void flush();
    },
    async writePlan(level, plan) {
      for (const block of planLines(level, plan)) {
        waiting.push({ file: folder.plan, bytes: Buffer.from(block) });
        await flush();
      }
    },
    async checkpoint(envelope) {
      requireRun(envelope);
      await flush();
      await storeEnvelope(envelope);
    },
    async finish(envelope) {
      requireRun(envelope);
      await close();
      const incomplete = waiting.length > 0;
      const files = await hashFiles(dir).catch((error: unknown) => {
        report(error, dir);
        return {};
      });
      const final = incomplete
        ? withIncompleteFinding({ ...envelope, files })
        : { ...envelope, files };
      await storeEnvelope(final);
      if (problem !== null) throw problem;
      return final;
    },
    close,
  };
}

function withIncompleteFinding(envelope: Envelope): Envelope {
  return {
    ...envelope,
    findings: [
      ...envelope.findings,
      {
        code: 'records-incomplete',
        severity: 'warning',
        message:
          'The disk took only part of the request records: the metrics here are of all requests, but cannot be recomputed from this folder.',
      },
    ],
  };
}
