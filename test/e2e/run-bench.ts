import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// ajv: an independent JSON Schema validator, so that the published schema is what is checked.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, onTestFinished } from 'vitest';
import { main } from '../../src/cli/index.ts';
import type { ExitCode } from '../../src/core/index.ts';
import { createFakeHost } from '../../src/host/index.ts';
import type { Envelope } from '../../src/model/index.ts';

/** A folder that is gone after the test. */
export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'bench-e2e-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/**
 * Nothing but the load that was asked for, where warm-up, gates and idle time are not the subject;
 * and no verdict on a client that other tests took the cores from.
 */
export const bare: readonly string[] = [
  ...['--gates', 'off', '--rest', '0', '--warmup-runs', '0', '--allow-client-bottleneck'],
];
/** The same with one warm-up request. */
export const warmedOnce: readonly string[] = [
  ...['--gates', 'off', '--rest', '0', '--warmup-runs', '1', '--warmup-requests', '1'],
  '--allow-client-bottleneck',
];

export interface BenchResult {
  exitCode: ExitCode;
  out: string;
  err: string;
}

/** One command line in this process, on a host that captures what it says. */
export async function runBench(
  argv: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<BenchResult> {
  const host = createFakeHost({ argv, cwd: options.cwd ?? tempDir(), env: options.env ?? {} });
  const exitCode = await main(host);
  return { exitCode, out: host.out(), err: host.err() };
}

/** What scripts rely on in the object of `--json`. */
export interface StdoutObject {
  runId: string;
  status: Envelope['status'];
  exitCode: number;
  error: { code: string; message: string; hint: string | null } | null;
  client: Record<string, unknown>;
  outputDir: string;
  findings: { code: string; severity: string; message: string; level?: number }[];
  levels: {
    load: Record<string, unknown>;
    status: string;
    valid: boolean;
    sloMet: boolean | null;
    metrics: Record<string, number | null | 'inf'>;
    outcomes: Record<string, number>;
  }[];
  headline: number | null;
  metrics: Record<string, number | null | 'inf'>;
  intervals: Record<string, unknown>;
}

const promisedKeys = ['runId', 'status', 'client', 'outputDir', 'findings', 'levels', 'metrics'];
const promisedLoadKeys = [
  'kind',
  'rateRps',
  'concurrencyAsked',
  'concurrencyReached',
  'maxConcurrency',
  'arrival',
];
const promisedMetrics = [
  'ttft_p50_ms',
  'ttft_p99_ms',
  'itl_mean_ms',
  'tpot_p50_ms',
  'throughput_tok_s',
  'requests_ok',
  'requests_failed',
  'error_share',
  'goodput_at_slo',
  'goodput_at_slo_tok_s',
  'goodput_req_s',
  'slo_attainment',
];

/** Stdout as the one JSON object it has to be, with every promised key in place. */
export function parseStdout(out: string): StdoutObject {
  // JSON.parse takes exactly one value and only white space around it.
  const object = JSON.parse(out) as StdoutObject;
  expect(Object.keys(object)).toEqual(expect.arrayContaining(promisedKeys));
  expect(Object.keys(object.metrics)).toEqual(expect.arrayContaining(promisedMetrics));
  for (const level of object.levels) {
    expect(Object.keys(level.load)).toEqual(expect.arrayContaining(promisedLoadKeys));
    expect(Object.keys(level.metrics)).toEqual(expect.arrayContaining(promisedMetrics.slice(0, 8)));
  }
  for (const finding of object.findings) {
    expect(finding).toMatchObject({
      code: expect.stringMatching(/^[a-z0-9-]+$/),
      severity: expect.stringMatching(/^(info|warning|invalid)$/),
      message: expect.stringMatching(/\S/),
    });
  }
  return object;
}

const schemaUrl = new URL('../../schemas/envelope.v1.schema.json', import.meta.url);
const validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(schemaUrl, 'utf8')) as object,
);

/** The envelope of a result folder, checked against the published schema. */
export function readValidEnvelope(dir: string): Envelope {
  const value: unknown = JSON.parse(readFileSync(join(dir, 'envelope.json'), 'utf8'));
  validate(value);
  expect(validate.errors ?? []).toEqual([]);
  return value as Envelope;
}
