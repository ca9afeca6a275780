/**
 * What does it cost to record, store and read back requests? See ../README.md.
 *
 *   npm run bench:records
 *   npm run bench:records -- --make /tmp/million --requests 1000000 --tokens 200 --per-read 20
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  createRecordPageBuilder,
  openRecordPage,
  type RecordPageBuilder,
  viewsOf,
} from '../../src/records/index.ts';
import { createRunWriter, readEnvelope, readLevels } from '../../src/results/index.ts';
import { createRequests, envelopeOf, planOf, type Shape } from './synthetic.ts';

const { values: flags } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    tokens: { type: 'string', default: '200' },
    'per-read': { type: 'string', default: '20' },
    make: { type: 'string' },
    read: { type: 'string' },
  },
});
const shape: Shape = {
  requests: Number(flags.requests),
  tokens: Number(flags.tokens),
  perRead: Number(flags['per-read']),
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const peakMb = (): string => `${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB peak memory`;
const seconds = (sinceMs: number): number => (performance.now() - sinceMs) / 1000;

/** As an I/O thread fills pages (`src/loadgen/worker-level.ts`). */
const isFull = (page: RecordPageBuilder): boolean => page.requests >= 128 || page.size >= 48 * 1024;

/** Time of one request in its page, pages finished; the requests are there before. */
function measureRecording(perRead: number): void {
  const own = { ...shape, perRead };
  const make = createRequests(own);
  const requests = Array.from({ length: 2000 }, (_, i) => make(i));
  const rounds: number[] = [];
  let bytes = 0;
  for (let round = 0; round < 9; round++) {
    const builder = createRecordPageBuilder();
    bytes = 0;
    const sinceMs = performance.now();
    for (const request of requests) {
      builder.add(request);
      if (isFull(builder)) bytes += builder.finish().length;
    }
    if (builder.requests > 0) bytes += builder.finish().length;
    rounds.push((seconds(sinceMs) * 1e9) / (requests.length * own.tokens));
  }
  rounds.sort((a, b) => a - b);
  const perToken = bytes / (requests.length * own.tokens);
  const [least, middle, most] = [0, 4, 8].map((i) => (rounds[i] ?? Number.NaN).toFixed(1));
  say(
    `record, ${perRead} token(s) a read: ${middle} ns (${least} to ${most}) and ${perToken.toFixed(2)} bytes a token, the request's own fields included`,
  );
}

/** A result folder, by the way that requests take in a run: pages, views, the real writer. */
async function makeFolder(dir: string): Promise<void> {
  const writer = await createRunWriter(dir, { runId: 'made-up' });
  await writer.writePlan(0, planOf(shape));
  const make = createRequests(shape);
  const builder = createRecordPageBuilder();
  let storingMs = 0;
  let endUs = 0;
  const before = process.cpuUsage();
  const sinceMs = performance.now();
  for (let i = 0; i < shape.requests; i++) {
    const request = make(i);
    endUs = Math.max(endUs, request.endUs);
    builder.add(request);
    if (!isFull(builder) && i < shape.requests - 1) continue;
    const page = builder.finish();
    const startMs = performance.now();
    for (const view of viewsOf(openRecordPage(page))) writer.appendRecord(view);
    storingMs += performance.now() - startMs;
    // Files are written by turns of the event loop: what it does there is part of the cost.
    const turnMs = performance.now();
    await turn();
    storingMs += performance.now() - turnMs;
  }
  const endMs = performance.now();
  await writer.finish(envelopeOf(shape, endUs));
  const finishS = seconds(endMs);
  const cpu = process.cpuUsage(before);
  say(
    `store ${shape.requests} requests x ${shape.tokens} tokens, ${shape.perRead} a read: ${((storingMs * 1000) / shape.requests).toFixed(1)} us a request in the main thread, finish (with hashes) ${finishS.toFixed(1)} s; ${seconds(sinceMs).toFixed(1)} s and ${((cpu.user + cpu.system) / 1e6).toFixed(1)} s CPU with making them up; ${peakMb()}`,
  );
  for (const name of readdirSync(dir)) {
    const { size } = statSync(join(dir, name));
    say(
      `  ${name}: ${(size / 1e6).toFixed(1)} MB, ${(size / shape.requests).toFixed(1)} bytes a request`,
    );
  }
}

async function readFolder(dir: string): Promise<void> {
  const envelope = await readEnvelope(dir);
  const sinceMs = performance.now();
  const levels = await readLevels(dir, envelope);
  const readS = seconds(sinceMs);
  const readMb = peakMb();
  const records = levels.flatMap((level) => level.records);
  for (const pass of ['first', 'second']) {
    const startMs = performance.now();
    let tokens = 0;
    let sumUs = 0;
    for (const { chunks } of records) {
      for (let i = 0; i < chunks.atUs.length; i++) {
        tokens += chunks.tokens[i] as number;
        sumUs += chunks.atUs[i] as number;
      }
    }
    if (Number.isNaN(sumUs)) throw new Error('stamps are missing');
    say(
      `${pass} look at all chunks: ${seconds(startMs).toFixed(2)} s, ${((seconds(startMs) * 1e9) / tokens).toFixed(1)} ns a token`,
    );
  }
  say(
    `read ${records.length} requests back: ${readS.toFixed(2)} s, ${readMb}; after the looks ${peakMb()}`,
  );
}

if (flags.make !== undefined) await makeFolder(flags.make);
else if (flags.read !== undefined) await readFolder(flags.read);
else {
  for (const perRead of [1, shape.perRead]) measureRecording(perRead);
  const dir = mkdtempSync(join(tmpdir(), 'bench-records-'));
  const again = (...argv: string[]): void => {
    const self = fileURLToPath(import.meta.url);
    const given = ['requests', 'tokens', 'per-read'].flatMap((name) => [
      `--${name}`,
      String(flags[name as 'requests' | 'tokens' | 'per-read']),
    ]);
    // A process each: their peaks of memory are their own.
    execFileSync(process.execPath, ['--import', 'tsx', self, ...given, ...argv], {
      stdio: 'inherit',
    });
  };
  try {
    again('--make', join(dir, 'run'));
    again('--read', join(dir, 'run'));
  } finally {
    rmSync(dir, { recursive: true });
  }
}
