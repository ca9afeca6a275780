import { join } from 'node:path';
import type { BenchError } from '../core/index.ts';
import type { Envelope, Finding, LevelPlan, RequestRecord } from '../model/index.ts';
import type { OpenSink } from './append-file.ts';
import { openNewFile } from './append-file.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { hashFiles } from './file-hashes.ts';
import { envelopeFile } from './file-names.ts';
import { planLines } from './plan-lines.ts';
import { createRecordSink, type RecordSink } from './record-sink.ts';
import { toWriteError } from './result-error.ts';
import { createRunFolder } from './run-folder.ts';

export interface RunWriterOptions {
  runId: string;
  /**
   * Told once each time that the disk fails mid-run; records are then kept in memory and tried
   * again. `problem.details.requestsNotStored` says how many; `RunWriter.requestsNotStored` goes on
   * saying it.
   */
  onProblem?: (problem: BenchError) => void;
  /** Longest time that a record stays in memory only, milliseconds; default 500. */
  flushMs?: number;
  /** How record files are opened; tests put failing ones in place. */
  openSink?: OpenSink;
  /** Most lines in requests.jsonl, up to a page; default 100 000. */
  requestLines?: number;
}

/** Writes a result folder as the run goes. Only `finish` rejects because of the disk. */
export interface RunWriter {
  readonly dir: string;
  /** Requests that wait because the disk failed; 0 while it works. */
  readonly requestsNotStored: number;
  /**
   * Takes a finished request; it is on disk within `flushMs`, or as soon as 64 KiB are waiting. A
   * request as an I/O thread delivered it is stored with the page that it lies in, whose bytes are
   * the file's. One that was changed since goes to a new page, and lies there from then on.
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
   * @throws BenchError RESULT_DISK_FULL, RESULT_NOT_WRITABLE, with how many requests were lost in
   * `details.requestsNotStored`; the envelope is stored all the same where that is possible, with
   * the finding `records-incomplete`.
   */
  finish(envelope: Envelope): Promise<Envelope>;
  /** Ends without an envelope of its own: stores what is waiting. May be called again. */
  close(): Promise<void>;
}

/**
 * Creates the folder and its record files before any load is sent.
 * @throws BenchError RESULT_EXISTS, RESULT_NOT_WRITABLE, RESULT_DISK_FULL
 */
export async function createRunWriter(dir: string, options: RunWriterOptions): Promise<RunWriter> {
  const { runId, onProblem, flushMs = 500, openSink = openNewFile } = options;
  const folder = await createRunFolder(dir, openSink);
  const sink = createRecordSink(folder, () => void flush(), options.requestLines);
  let problem: BenchError | null = null;
  let writing: Promise<void> = Promise.resolve();
  let closed = false;

  const report = (error: unknown, path: string): void => {
    const first = problem === null;
    problem = toWriteError(error, path, sink.requestsWaiting);
    if (first) onProblem?.(problem);
  };
  const drain = async (): Promise<void> => {
    const failed = await sink.drain();
    if (failed === null) problem = null;
    else report(failed.error, failed.path);
  };
  const flush = (): Promise<void> => {
    sink.seal();
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
    await Promise.allSettled(Object.values(folder).map((file) => file.close()));
  };

  return {
    dir,
    get requestsNotStored() {
      return problem === null ? 0 : sink.requestsWaiting;
    },
    appendRecord(record) {
      if (closed) throw new Error('record after the result was closed');
      sink.add(record);
    },
    async writePlan(level, plan) {
      for (const block of planLines(level, plan)) {
        sink.addPlan(block);
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
      const files = await hashFiles(dir).catch((error: unknown) => {
        report(error, dir);
        return {};
      });
      const findings = [...envelope.findings, ...findingsOf(sink)];
      const final = { ...envelope, findings, files };
      await storeEnvelope(final);
      if (problem !== null) throw problem;
      return final;
    },
    close,
  };
}

function findingsOf(sink: RecordSink): Finding[] {
  const findings: Finding[] = [];
  if (!sink.isEmpty) {
    findings.push({
      code: 'records-incomplete',
      severity: 'warning',
      message:
        sink.requestsWaiting === 0
          ? 'The disk did not take all of requests.jsonl and plan.jsonl; records.bin is complete.'
          : `The disk did not take the records of ${sink.requestsWaiting} requests: the metrics here are of all requests, but cannot be recomputed from this folder.`,
    });
  }
  if (sink.requestsNotListed > 0) {
    findings.push({
      code: 'requests-not-listed',
      severity: 'info',
      message: `requests.jsonl leaves out the last ${sink.requestsNotListed} requests; records.bin has all.`,
    });
  }
  return findings;
}
