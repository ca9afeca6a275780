import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { FaultInput, SimSpecInput } from '../../src/sim/index.ts';
import { deadPort, startChatOnly, startMute, startSim, startSshLike } from './bad-servers.ts';
import {
  parseStdout,
  readValidEnvelope,
  runBench,
  type StdoutObject,
  tempDir,
  warmedOnce,
} from './run-bench.ts';

interface Row {
  name: string;
  /** What listens: a spec of the simulated server, or the URL of something else. */
  server: SimSpecInput | (() => Promise<string>);
  argv?: string[];
  exitCode: number;
  status: StdoutObject['status'];
  /** `error.code`, and fragments of what stderr says; null = the run itself worked. */
  error: { code: string; message: RegExp; hint: RegExp } | null;
  /** Finding code -> fragment of its message. */
  findings?: Record<string, RegExp>;
  /** Outcomes of the one level. */
  outcomes?: Record<string, number>;
  /** No request came to anything else; ten and more came to this. */
  onlyOutcome?: string;
  metrics?: Record<string, number | null>;
  stderr?: RegExp;
}

const paced = ['--rate', '100', '--arrival', 'constant'];
const load = [...paced, '--requests', '12'];
const small = ['--input-tokens', '8', '--output-tokens', '4'];
const tiny = [...small, ...warmedOnce];

const always = (fault: FaultInput): SimSpecInput => ({ faults: [fault] });
/** The first ten of a target that only fails are enough evidence. */
const allFail = (
  name: string,
  fault: FaultInput,
  outcome: string,
  message: RegExp,
  hint: RegExp = /Look at the server’s log/,
): Row => ({
  name,
  server: always(fault),
  // More than can be on their way when the tenth fails, however late a busy machine sends them.
  argv: ['--requests', '200'],
  exitCode: 4,
  status: 'failed',
  error: { code: 'TARGET_ALL_FAILED', message, hint },
  onlyOutcome: outcome,
  findings: {
    'preflight-failed': /3 test requests failed/,
    'stopped-all-failed': /the first \d\d requests all failed/,
    'error-share-high': /^100 % of the requests failed \(\d\d+ /,
  },
  metrics: { requests_ok: 0, error_share: 1, ttft_p50_ms: null },
});

const rows: Row[] = [
  {
    name: 'dead port',
    server: deadPort,
    exitCode: 4,
    status: 'failed',
    error: {
      code: 'TARGET_REFUSED',
      message: /Nothing answers at http:\/\/127\.0\.0\.1:\d+\/v1 \(.*ECONNREFUSED/,
      hint: /Is the server running, and is the port right\?/,
    },
  },
  {
    name: 'a replica that is not there',
    server: {},
    argv: ['--replica', 'http://127.0.0.1:9/v1'],
    exitCode: 4,
    status: 'failed',
    error: {
      code: 'TARGET_REFUSED',
      message: /Nothing answers at http:\/\/127\.0\.0\.1:9\/v1 \(.*ECONNREFUSED/,
      hint: /Is the server running/,
    },
  },
  {
    name: 'host name that does not exist',
    server: () => Promise.resolve('http://no-such-host.invalid:8000/v1'),
    exitCode: 4,
    status: 'failed',
    error: {
      code: 'TARGET_REFUSED',
      message: /Nothing answers at http:\/\/no-such-host\.invalid:8000\/v1/,
      hint: /Is the server running/,
    },
  },
  {
    name: 'another protocol on that port',
    server: startSshLike,
    argv: ['--model', 'm'],
    exitCode: 4,
    status: 'failed',
    error: { code: 'TARGET_ALL_FAILED', message: /None of 1\d requests/, hint: /server’s log/ },
    onlyOutcome: 'reset',
  },
  {
    name: 'wrong model name, 404 as vLLM says it',
    server: {},
    argv: ['--model', 'sim-modle'],
    exitCode: 4,
    status: 'failed',
    error: {
      code: 'TARGET_MODEL_NOT_FOUND',
      message: /does not have the model "sim-modle" .*Did you mean "sim-model"\?/,
      hint: /It lists: sim-model/,
    },
  },
  {
    name: 'wrong model name, taken all the same',
    server: { acceptAnyModel: true },
    argv: ['--model', 'other'],
    exitCode: 0,
    status: 'complete',
    error: null,
    findings: { 'model-not-listed': /the server lists sim-model, not "other"/ },
    outcomes: { ok: 12 },
  },
  allFail('500 always', { kind: 'http', status: 500 }, 'http_error', /HTTP 500: Internal server/),
  {
    name: '500 half the time',
    server: always({ kind: 'http', status: 500, when: { every: 2 } }),
    exitCode: 6,
    status: 'complete',
    error: null,
    stderr: /6 failed, INVALID/,
    findings: { 'error-share-high': /^50 % of the requests failed \(6 http_error\)/ },
    outcomes: { ok: 6, http_error: 6 },
    // Counted in the headline block too, but no latency of an invalid level is quoted.
    metrics: { requests_ok: 6, requests_failed: 6, error_share: 0.5, ttft_p50_ms: null },
  },
  {
    name: '500 half the time, which the user allows',
    server: always({ kind: 'http', status: 500, when: { every: 2 } }),
    argv: ['--max-error-share', '0.5'],
    exitCode: 0,
    status: 'complete',
    error: null,
    outcomes: { ok: 6, http_error: 6 },
    metrics: { requests_ok: 6, requests_failed: 6, error_share: 0.5, requests_total: 12 },
  },
  {
    name: '429 from behind preflight on',
    server: always({ kind: 'http', status: 429, when: { from: 5 } }),
    argv: ['--requests', '200'],
    exitCode: 4,
    status: 'failed',
    error: {
      code: 'TARGET_ALL_FAILED',
      message: /HTTP 429: Rate limit exceeded/,
      hint: /lower the load \(--rate\)/,
    },
    onlyOutcome: 'rate_limited',
  },
  {
    name: '401, model named',
    server: { apiKey: 'the-right-one' },
    argv: ['--model', 'sim-model', '--api-key', 'the-wrong-one'],
    exitCode: 4,
    status: 'failed',
    error: {
      code: 'TARGET_UNAUTHORIZED',
      message: /refuses access: HTTP 401: Unauthorized/,
      hint: /Set BENCH_API_KEY.*--api-key-env/,
    },
  },
  {
    name: '401 already on the list of models',
    server: { apiKey: 'the-right-one' },
    exitCode: 4,
    status: 'failed',
    error: {
      code: 'TARGET_UNAUTHORIZED',
      message: /refuses access: HTTP 401: Unauthorized/,
      hint: /Set BENCH_API_KEY.*--api-key-env/,
    },
  },
  allFail('200 with HTML', { kind: 'html' }, 'not_sse', /text\/html.*Sign in/, /base URL/),
  allFail('200 with JSON', { kind: 'json-not-sse' }, 'not_sse', /application\/json/, /base URL/),
  allFail('200 with no body', { kind: 'empty-body' }, 'truncated', /neither a finish_reason nor/),
  allFail('200 with garbage', { kind: 'garbage' }, 'truncated', /neither a finish_reason nor/),
  allFail('gzip, not asked for', { kind: 'gzip' }, 'not_sse', /content-encoding gzip/, /base URL/),
  {
    name: 'hangs before the headers',
    server: always({ kind: 'hang-before-headers' }),
    argv: ['--request-timeout', '0.3'],
    exitCode: 4,
    status: 'failed',
    error: {
      code: 'TARGET_SILENT',
      message: /did not finish it within 0\.3 s/,
      hint: /raise --request-timeout/,
    },
  },
  {
    name: 'listens but never answers',
    server: startMute,
    argv: ['--model', 'm', '--request-timeout', '0.3'],
    exitCode: 4,
    status: 'failed',
    error: { code: 'TARGET_SILENT', message: /within 0\.3 s/, hint: /raise --request-timeout/ },
  },
  {
    name: 'listens but never answers, model not named',
    server: startMute,
    argv: ['--request-timeout', '0.3'],
    exitCode: 4,
    status: 'failed',
    error: { code: 'TARGET_SILENT', message: /no reply in 0\.3 s/, hint: /--request-timeout/ },
  },
  {
    name: 'stalls within the stream, after preflight',
    server: always({ kind: 'stall', when: { from: 3 } }),
    argv: ['--request-timeout', '0.3'],
    exitCode: 4,
    status: 'failed',
    error: {
      code: 'TARGET_ALL_FAILED',
      message: /timeout: No end of the response in 300 ms/,
      hint: /server’s log/,
    },
  },
  allFail('error event in a 200 stream', { kind: 'error-event' }, 'stream_error', /EngineCore/),
  allFail('stream without an end', { kind: 'truncate' }, 'truncated', /neither a finish_reason/),
  allFail('stream cut off', { kind: 'truncate', abrupt: true }, 'reset', /ECONNRESET|closed/),
  allFail('reset before a byte', { kind: 'reset' }, 'reset', /ECONNRESET|other side closed/),
  allFail('reset after a token', { kind: 'reset', afterTokens: 1 }, 'reset', /ECONNRESET|closed/),
  {
    name: 'dies during the level',
    server: always({ kind: 'refuse', when: { from: 7 } }),
    exitCode: 6,
    status: 'complete',
    error: null,
    stderr: /INVALID/,
    findings: { 'error-share-high': /refused|reset/ },
  },
  {
    name: '404 for /completions only',
    server: startChatOnly,
    exitCode: 0,
    status: 'complete',
    error: null,
    findings: { 'chat-api': /has no \/completions \(404\); the chat API is driven/ },
    outcomes: { ok: 12 },
  },
  {
    name: '404 for /completions, which was asked for',
    server: startChatOnly,
    argv: ['--api', 'completions'],
    exitCode: 4,
    status: 'failed',
    error: {
      code: 'TARGET_NO_API',
      message: /\/completions does not exist \(HTTP 404\)/,
      hint: /try the other --api/,
    },
  },
  {
    name: '404 for everything',
    server: always({ kind: 'http', status: 404 }),
    exitCode: 4,
    status: 'failed',
    error: {
      code: 'TARGET_NO_API',
      message: /has neither \/completions nor \/chat\/completions \(HTTP 404\)/,
      hint: /usually ending in \/v1/,
    },
  },
  {
    name: 'prompts longer than its context',
    server: always({ kind: 'context-length' }),
    exitCode: 4,
    status: 'failed',
    error: {
      code: 'TARGET_REJECTS_REQUEST',
      message: /rejects a minimal request: HTTP 400: request exceeds the available context size/,
      hint: /--extra-body/,
    },
  },
  {
    name: 'rejects ignore_eos with 422',
    server: { rejectFields: [{ field: 'ignore_eos', status: 422 }] },
    exitCode: 0,
    status: 'complete',
    error: null,
    findings: {
      'field-dropped': /rejects ignore_eos \(HTTP 422: [^H].*min_tokens is asked for instead/,
    },
    outcomes: { ok: 12 },
    metrics: { requests_short: 0 },
  },
  {
    name: 'rejects stream_options with 400',
    server: { rejectFields: [{ field: 'stream_options', status: 400 }] },
    exitCode: 0,
    status: 'complete',
    error: null,
    findings: { 'field-dropped': /rejects stream_options \(HTTP 400/ },
    outcomes: { ok: 12 },
  },
  {
    name: 'rejects both',
    server: {
      rejectFields: [
        { field: 'stream_options', status: 400 },
        { field: 'ignore_eos', status: 400 },
      ],
    },
    exitCode: 0,
    status: 'complete',
    error: null,
    findings: { 'field-dropped': /rejects/ },
    outcomes: { ok: 12 },
  },
  {
    name: 'no usage and no /tokenize',
    server: { wire: { usage: 'none' }, routes: { tokenize: false } },
    exitCode: 0,
    status: 'complete',
    error: null,
    findings: { 'tokens-assumed': /12 of 12 streams gave no token count per chunk and no usage/ },
    outcomes: { ok: 12 },
  },
  {
    name: 'no [DONE]',
    server: { wire: { done: false } },
    exitCode: 0,
    status: 'complete',
    error: null,
    findings: { 'no-done-marker': /12 of 12 streams ended with a finish_reason but without/ },
    outcomes: { ok: 12 },
  },
  {
    name: 'ends early under ignore_eos',
    server: { stopEarly: { probability: 1, ignoresIgnoreEos: true } },
    argv: ['--slo-template', 'llm.batch'],
    exitCode: 0,
    status: 'complete',
    error: null,
    findings: { 'short-outputs': /12 of 12 answers ended before the asked number/ },
    outcomes: { ok: 12 },
    // Every answer is in time, and none of them counts.
    metrics: { requests_short: 12, goodput_req_s: 0, goodput_tok_s: 0, slo_attainment: 1 },
  },
];

test.each(rows)('$name', async (row) => {
  const endpoint =
    typeof row.server === 'function' ? await row.server() : (await startSim(row.server)).endpoint;
  const output = join(tempDir(), 'result');
  const { exitCode, out, err } = await runBench([
    ...['run', 'llm.inference', '--endpoint', endpoint, ...tiny],
    ...(row.argv?.includes('--requests') === true ? paced : load),
    ...['--json', '--no-html', '--output', output, ...(row.argv ?? [])],
  ]);
  const said = `exit ${exitCode}\n${err}`;
  const object = parseStdout(out);
  expect(exitCode, said).toBe(row.exitCode);
  expect(object, said).toMatchObject({ exitCode, status: row.status, outputDir: output });

  if (row.error === null) {
    expect(object.error).toBeNull();
    expect(err).not.toMatch(/^error:/m);
  } else {
    expect(object.error).toEqual({
      code: row.error.code,
      message: expect.stringMatching(row.error.message),
      hint: expect.stringMatching(row.error.hint),
    });
    const last = err.slice(err.indexOf('error: '));
    expect(last).toMatch(row.error.message);
    expect(last).toMatch(row.error.hint);
    expect(last).toContain(`(${row.error.code}, exit ${exitCode})`);
  }
  if (row.stderr) expect(err).toMatch(row.stderr);
  for (const [code, message] of Object.entries(row.findings ?? {})) {
    expect(object.findings).toContainEqual(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  }
  if (row.outcomes)
    expect(object.levels.map((level) => level.outcomes)).toMatchObject([row.outcomes]);
  if (row.onlyOutcome) {
    const { cancelled: _, ...ended } = object.levels[0]?.outcomes ?? {};
    expect(ended).toEqual({ [row.onlyOutcome]: object.metrics['requests_failed'] });
    expect(object.metrics['requests_failed']).toBeGreaterThanOrEqual(10);
  }
  if (row.metrics) expect(object.metrics).toMatchObject(row.metrics);
  // A failure is never only an exit code: it is counted too.
  for (const { metrics, outcomes } of object.levels) {
    const { ok = 0, cancelled = 0, ...failed } = outcomes;
    const failures = Object.values(failed).reduce((sum, n) => sum + n, 0);
    expect(metrics).toMatchObject({
      requests_ok: ok,
      requests_failed: failures,
      requests_cancelled: cancelled,
      error_share: ok + failures === 0 ? null : failures / (ok + failures),
    });
  }

  const envelope = readValidEnvelope(output);
  expect(envelope).toMatchObject({ runId: object.runId, status: row.status, exitCode });
  expect(envelope.error).toEqual(object.error);
  expect(envelope.levels.map((level) => level.metrics.values)).toEqual(
    object.levels.map((level) => level.metrics),
  );
});

test('a server that answers nothing is not warmed up for long', async () => {
  const sim = await startSim(always({ kind: 'http', status: 500 }));
  const output = join(tempDir(), 'result');
  const argv = ['run', 'llm.inference', '--endpoint', sim.endpoint, ...load, ...small];
  const { exitCode, out, err } = await runBench([...argv, '--json', '--output', output]);
  expect(exitCode, err).toBe(4);
  const { error, metrics } = parseStdout(out);
  expect(error?.message).toMatch(/None of 1\d requests succeeded .*HTTP 500/);
  expect(metrics['requests_failed']).toBeGreaterThanOrEqual(10);
  // Preflight 3, warm-up 4 in flight or a few more, no gate, the level's 12.
  expect(sim.requests).toBeLessThan(40);
  const { method } = readValidEnvelope(output);
  expect(method?.gates).toMatchObject([
    {
      gate: 'server-warm',
      passed: false,
      requests: 0,
      reason: expect.stringContaining('no warm-up request succeeded'),
    },
  ]);
  const shown = await runBench(['show', output, '--json']);
  expect(parseStdout(shown.out).metrics).toEqual(metrics);
});

test('a run of failures alone still has its report and a table', async () => {
  const { endpoint } = await startSim(always({ kind: 'http', status: 500 }));
  const output = join(tempDir(), 'result');
  const argv = ['run', 'llm.inference', '--endpoint', endpoint, ...load, ...tiny];
  const { exitCode, out } = await runBench([...argv, '--output', output]);
  expect(exitCode).toBe(4);
  expect(out).toContain('error-share-high');
  expect(readdirSync(output)).toEqual(
    expect.arrayContaining(['envelope.json', 'requests.jsonl', 'records.bin', 'plan.jsonl']),
  );
  expect(existsSync(join(output, 'report.html'))).toBe(true);
});

describe('where the result should go', () => {
  const run = async (output: string) => {
    const sim = await startSim();
    const argv = ['run', 'llm.inference', '--endpoint', sim.endpoint, ...load, ...tiny];
    const result = await runBench([...argv, '--json', '--no-html', '--output', output]);
    return { ...result, requests: sim.requests };
  };

  test('a folder that cannot be made', async () => {
    const file = join(tempDir(), 'file');
    writeFileSync(file, '');
    const { exitCode, out, err, requests } = await run(join(file, 'result'));
    expect({ exitCode, requests }).toEqual({ exitCode: 3, requests: 0 });
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'RESULT_NOT_WRITABLE', exitCode: 3 } });
    expect(err).toMatch(/error: Cannot write ".*\/file\/result": .*\n.*--output/);
    expect(err).toContain('(RESULT_NOT_WRITABLE, exit 3)');
  });

  test('a folder with something in it', async () => {
    const dir = tempDir();
    writeFileSync(join(dir, 'precious'), 'mine');
    const { exitCode, out, err, requests } = await run(dir);
    expect({ exitCode, requests }).toEqual({ exitCode: 3, requests: 0 });
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'RESULT_EXISTS', exitCode: 3 } });
    expect(err).toMatch(/is not empty\.\n {2}Results are never overwritten/);
    expect(readdirSync(dir)).toEqual(['precious']);
  });

  test('an empty folder that is there', async () => {
    const dir = tempDir();
    const { exitCode, out } = await run(dir);
    expect(exitCode).toBe(0);
    expect(parseStdout(out).status).toBe('complete');
  });

  test('a disk that is full from the start', async ({ skip }) => {
    const disk = mountTmpfs('256k') ?? skip(noTmpfs);
    const { exitCode, out, err, requests } = await run(join(disk, 'result'));
    expect({ exitCode, requests }).toEqual({ exitCode: 3, requests: 0 });
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'RESULT_DISK_FULL', exitCode: 3 } });
    expect(err).toMatch(/No space left for the result in ".*"\.\n.*--output/);
    expect(readdirSync(disk)).toEqual([]);
  });

  test('a disk that fills up during the run', async ({ skip }) => {
    const disk = mountTmpfs('4m') ?? skip(noTmpfs);
    const output = join(disk, 'result');
    const sim = await startSim();
    const argv = ['run', 'llm.inference', '--endpoint', sim.endpoint, ...tiny];
    const load = ['--rate', '20', '--arrival', 'constant', '--requests', '2000'];
    const running = runBench([...argv, ...load, '--json', '--no-html', '--output', output]);
    // Behind preflight and warm-up, which are four.
    const early = running.then(({ err }) => expect.fail(`ended before the disk was full: ${err}`));
    const begun = (async () => {
      while (sim.requests < 10) await new Promise((resolve) => setTimeout(resolve, 5));
    })();
    await Promise.race([begun, early]);
    for (let i = 0; fill(join(disk, `filler${i}`)); i++);
    const { exitCode, out, err } = await running;
    expect(exitCode, err).toBe(3);
    expect(err).toMatch(/error: No space left for the result/);
    // The run does not go on for nothing, and what it measured is on stdout.
    const object = parseStdout(out);
    expect(object).toMatchObject({ status: 'partial', error: { code: 'RESULT_DISK_FULL' } });
    expect(object.metrics).toMatchObject({ requests_failed: 0 });
    const ok = Number(object.metrics['requests_ok']);
    expect(ok).toBeGreaterThanOrEqual(1);
    expect(ok).toBeLessThan(2000);
    expect(readValidEnvelope(output).runId).toBe(object.runId);
    // Whatever was stored before is whole.
    const shown = await runBench(['show', output, '--json']);
    expect(shown.exitCode, shown.err).toBe(0);
  });
});

const noTmpfs = 'needs a small disk of its own: root and the right to mount a tmpfs';

/** A disk of so many bytes, or null where this process may not mount one. */
function mountTmpfs(size: string): string | null {
  const dir = join(tempDir(), 'disk');
  mkdirSync(dir);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', dir], { stdio: 'ignore' });
  } catch {
    return null;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', dir]));
  return dir;
}

/** False once the disk took no more. */
function fill(path: string): boolean {
  try {
    writeFileSync(path, Buffer.alloc(4096, 1));
    return true;
  } catch {
    return false;
  }
}
