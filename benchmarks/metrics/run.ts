/**
 * What the numbers of a large level cost.
 *
 *   npx tsx benchmarks/metrics/run.ts [requests ...] [--tokens-per-read N]
 *
 * Levels of 200 tokens a request (default: 100 000 and 1 000 000 requests, 16 tokens per network
 * read as a loaded server's proxy delivers them), held as pages of records as a run holds them.
 * Each level is measured in a process of its own: seconds of summarizeLevel, the memory of the
 * process before it, and the highest during it. `samples` is what the page's distributions add.
 */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createRng, type Rng } from '../../src/core/index.ts';
import { summarizeLevel } from '../../src/metrics/index.ts';
import type { LevelRun, RequestRecord } from '../../src/model/index.ts';
import {
  createRecordPageBuilder,
  parseRecordPage,
  sealPage,
  viewsOf,
} from '../../src/records/index.ts';
import { weightedEcdf } from '../../src/report/ecdf.ts';
import { itlSamples, ttftSamples } from '../../src/report/level-samples.ts';
import { sampleExponential } from '../../src/stats/index.ts';

const tokens = 200;
const rateRps = 500;
const requestsPerPage = 4096;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'tokens-per-read': { type: 'string', default: '16' }, inside: { type: 'boolean' } },
});
const tokensPerRead = Number(values['tokens-per-read']);
if (values.inside) measure(Number(positionals[0]));
else main(positionals.length > 0 ? positionals.map(Number) : [100_000, 1_000_000]);

function main(sizes: readonly number[]): void {
  print('requests', 'tokens', 'records', 'summary', 'samples', 'peak');
  for (const size of sizes) {
    const script = fileURLToPath(import.meta.url);
    const inside = ['--inside', '--tokens-per-read', String(tokensPerRead), String(size)];
    const { status } = spawnSync(process.execPath, [...process.execArgv, script, ...inside], {
      stdio: 'inherit',
    });
    if (status !== 0) throw new Error(`the process of ${size} requests ended with ${status}`);
  }
}

function measure(requests: number): void {
  const run = levelOf(requests, createRng(1, 'benchmark'));
  const before = process.memoryUsage.rss();
  const slo = { id: 'x', ttftMs: 300, tpotMs: 50, e2eMs: null, quantile: 0.99 };
  const began = process.hrtime.bigint();
  const { values: numbers } = summarizeLevel(run, { slo, seed: 1 });
  const summarized = process.hrtime.bigint();
  const points = [ttftSamples, itlSamples].map(
    (samples) => weightedEcdf(samples(run).values).length,
  );
  const sampled = process.hrtime.bigint();
  const seconds = (from: bigint, to: bigint) => `${(Number(to - from) / 1e9).toFixed(1)} s`;
  print(
    String(numbers.requests_ok),
    String(numbers.output_tokens_total),
    megabytes(before),
    seconds(began, summarized),
    `${seconds(summarized, sampled)} (${points.join('+')} points)`,
    megabytes(process.resourceUsage().maxRSS * 1024),
  );
}

function levelOf(requests: number, rng: Rng): LevelRun {
  const records: RequestRecord[] = [];
  let builder = createRecordPageBuilder();
  const close = () => {
    if (builder.requests === 0) return;
    const page = builder.finish();
    sealPage(page);
    for (const view of viewsOf(parseRecordPage(page))) records.push(view);
    builder = createRecordPageBuilder();
  };
  let intendedUs = 0;
  for (let index = 0; index < requests; index++) {
    builder.add(recordOf(index, Math.round(intendedUs), rng));
    intendedUs += (sampleExponential(rng) / rateRps) * 1e6;
    if (builder.requests === requestsPerPage) close();
  }
  close();
  return {
    index: 0,
    load: {
      kind: 'open',
      rateRps,
      concurrencyAsked: null,
      maxConcurrency: null,
      arrival: 'poisson',
    },
    startUs: 0,
    windowStartUs: 0,
    windowEndUs: Math.round(intendedUs),
    endUs: records.reduce((latest, { endUs }) => Math.max(latest, endUs), 0),
    planHash: 'benchmark',
    requestsPlanned: requests,
    status: 'complete',
    records,
    findings: [],
  };
}

/** Reads 20 ms and an exponential 5 ms apart; one request in 200 fails. */
function recordOf(index: number, intendedUs: number, rng: Rng): RequestRecord {
  const fails = index % 200 === 7;
  const atUs: number[] = [];
  const read: number[] = [];
  let at = intendedUs + 50_000 + sampleExponential(rng) * 30_000;
  for (let i = 0; !fails && i < tokens; i++) {
    if (i > 0 && i % tokensPerRead === 0) at += 20_000 + sampleExponential(rng) * 5000;
    atUs.push(Math.round(at));
    read.push(Math.floor(i / tokensPerRead));
  }
  const firstUs = atUs[0] ?? null;
  return {
    level: 0,
    index,
    requestId: `bench-${index}`,
    counted: true,
    intendedUs,
    sentUs: intendedUs + 100,
    connectUs: 0,
    headersUs: firstUs,
    firstByteUs: firstUs,
    firstChunkUs: firstUs,
    firstTokenUs: firstUs,
    lastTokenUs: atUs.at(-1) ?? null,
    endUs: atUs.at(-1) ?? intendedUs + 1000,
    outcome: fails ? 'http_error' : 'ok',
    status: fails ? 500 : 200,
    error: fails ? 'HTTP 500' : null,
    finishReason: fails ? null : 'length',
    done: !fails,
    inputTokensAsked: 100,
    outputTokensAsked: tokens,
    inputTokensUsage: fails ? null : 100,
    outputTokensUsage: fails ? null : tokens,
    cachedTokensUsage: null,
    outputTokensCounted: null,
    tokenSource: fails ? 'none' : 'one-per-chunk',
    chunks: {
      atUs,
      tokens: atUs.map(() => 1),
      read,
      kind: atUs.map(() => 0),
    },
  };
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

function print(...cells: string[]): void {
  process.stdout.write(`${cells.map((cell) => cell.padEnd(12)).join(' ')}\n`);
}
