import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type SimServer, startSimServer } from '../../src/sim/index.ts';
import { startSim } from './bad-servers.ts';
import {
  type BenchResult,
  bare,
  parseStdout,
  readValidEnvelope,
  runBench,
  type StdoutObject,
  tempDir,
} from './run-bench.ts';

const quick = [
  ...['--requests', '20', ...bare],
  ...['--input-tokens', '8:3', '--output-tokens', '6:2'],
];
const paced = ['--rate', '60'];

let server: SimServer;
beforeAll(async () => {
  server = await startSimServer({
    prefill: { baseMs: 3, perTokenMs: 0.1 },
    decode: { kind: 'constant', itlMs: 1 },
  });
  return () => server.stop();
});

async function run(argv: readonly string[] = []): Promise<{ dir: string } & BenchResult> {
  const dir = join(tempDir(), 'result');
  const command = ['run', 'llm.inference', '--endpoint', server.endpoint, ...quick];
  const hasLoad = argv.includes('--rate') || argv.includes('--max-concurrency');
  const load = hasLoad ? [] : paced;
  const result = await runBench([...command, ...load, '--output', dir, ...argv]);
  expect(result.exitCode, result.err).toBe(0);
  return { dir, ...result };
}

const codes = (object: StdoutObject) => object.findings.map(({ code }) => code);

/** Every file under a folder, by path, as bytes. */
const filesOf = (dir: string): Map<string, Buffer> =>
  new Map(
    readdirSync(dir, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(dir, path)).isFile())
      .map((path) => [path, readFileSync(join(dir, path))]),
  );

describe('a stored result', () => {
  test('says the same again, recomputed from the records', async () => {
    const argv = ['--json', '--slo-template', 'llm.batch', '--rate', '40,80'];
    const { dir, out } = await run(argv);
    const printed = parseStdout(out);
    expect(printed.levels).toHaveLength(2);
    expect(printed.metrics['requests_ok']).toBe(20);
    const shown = await runBench(['show', dir, '--json']);
    expect(shown.exitCode, shown.err).toBe(0);
    expect(parseStdout(shown.out)).toEqual(printed);
    expect(readValidEnvelope(dir).metrics.values).toEqual(printed.metrics);
  });

  test('does not rest on the numbers in its envelope', async () => {
    const { dir, out } = await run(['--json', '--no-html']);
    const printed = parseStdout(out);
    const envelope = readValidEnvelope(dir);
    const [level] = envelope.levels;
    if (level === undefined) expect.fail('no level');
    level.metrics.values['ttft_p50_ms'] = 0.001;
    writeFileSync(join(dir, 'envelope.json'), JSON.stringify(envelope));
    const again = parseStdout((await runBench(['show', dir, '--json'])).out);
    expect(again.metrics).toEqual(printed.metrics);
    expect(codes(again)).toContain('numbers-differ');
  });

  const formats: [string, RegExp][] = [
    ['table', /TTFT/],
    ['markdown', /\|.*TTFT/],
    ['csv', /^[^\n]*ttft_p50_ms|ttft_p50_ms,/m],
    ['json', /^\{"runId"/],
    ['vllm', /"mean_ttft_ms"/],
  ];
  test('shows in every format, from the folder alone', async () => {
    const { dir, out } = await run(['--json']);
    const { runId } = parseStdout(out);
    for (const [format, fragment] of formats) {
      const report = await runBench(['report', dir, '--format', format]);
      expect(report.exitCode, `${format}: ${report.err}`).toBe(0);
      expect(report.out).toMatch(fragment);
      expect(report.err).toBe('');
      if (format === 'json') expect(parseStdout(report.out).runId).toBe(runId);
    }
    const cwd = tempDir();
    const html = await runBench(['report', dir, '--format', 'html', '--out', 'page.html'], { cwd });
    expect(html).toMatchObject({ exitCode: 0, out: 'page.html\n' });
    expect(readFileSync(join(cwd, 'page.html'), 'utf8')).toContain(runId);
    // The page of the run itself may be written again: it is the same page.
    expect((await runBench(['report', dir])).exitCode).toBe(0);
    expect(codes(parseStdout((await runBench(['show', dir, '--json'])).out))).not.toContain(
      'files-altered',
    );
  });

  test('that was tampered with says so', async () => {
    const { dir } = await run(['--json', '--no-html']);
    const path = join(dir, 'requests.jsonl');
    const text = readFileSync(path, 'utf8');
    // One send a microsecond later than it was.
    const tampered = text.replace(
      /"sentUs":(\d+)/,
      (_, us: string) => `"sentUs":${Number(us) + 1}`,
    );
    expect(tampered).not.toBe(text);
    writeFileSync(path, tampered);
    const shown = await runBench(['show', dir, '--json']);
    expect(shown.exitCode).toBe(0);
    const altered = parseStdout(shown.out).findings.filter(({ code }) => code === 'files-altered');
    expect(altered).toMatchObject([{ message: expect.stringContaining('requests.jsonl') }]);
    expect((await runBench(['show', dir])).out).toContain('files-altered');
  });

  test('whose plan was tampered with says so too', async () => {
    const { dir } = await run(['--json', '--no-html']);
    appendFileSync(join(dir, 'plan.jsonl'), '\n');
    const shown = parseStdout((await runBench(['show', dir, '--json'])).out);
    expect(codes(shown)).toContain('files-altered');
  });

  test('is not there', async () => {
    const { exitCode, out, err } = await runBench(['show', 'no/such/folder', '--json']);
    expect(exitCode).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'RESULT_NOT_FOUND', exitCode: 3 } });
    expect(err).toMatch(/no\/such\/folder.*\n.*bench-results/);
  });
});

describe('a plan', () => {
  const plan = async (argv: readonly string[]) => {
    const { dir } = await run(['--no-html', '--json', ...argv]);
    return readFileSync(join(dir, 'plan.jsonl'), 'utf8');
  };
  test.each([
    ['open loop', ['--arrival', 'gamma:0.5']],
    ['closed loop', ['--max-concurrency', '2']],
  ])('follows from the seed, byte for byte: %s', async (_name, argv) => {
    const first = await plan([...argv, '--seed', '7']);
    expect(first.trimEnd().split('\n')).toHaveLength(21);
    expect(await plan([...argv, '--seed', '7'])).toBe(first);
    expect(await plan([...argv, '--seed', '8'])).not.toBe(first);
  });
});

describe('secrets', () => {
  const key = 'topsecret-4711-key';

  function expectNowhere(secret: string, dir: string, result: BenchResult): void {
    expect(result.out).not.toContain(secret);
    expect(result.err).not.toContain(secret);
    const files = filesOf(dir);
    expect(files.size).toBeGreaterThanOrEqual(4);
    const leaks = [...files].filter(([, bytes]) => bytes.includes(secret)).map(([path]) => path);
    expect(leaks).toEqual([]);
  }

  const ways: [string, (dir: string) => { argv: string[]; env?: Record<string, string> }][] = [
    ['a flag', () => ({ argv: ['--api-key', key] })],
    ['a flag with =', () => ({ argv: [`--api-key=${key}`] })],
    ['the environment', () => ({ argv: [], env: { BENCH_API_KEY: key } })],
    ['a header', () => ({ argv: ['--header', `Authorization=Bearer ${key}`] })],
    [
      'the config file',
      (dir) => {
        const path = join(dir, 'bench.yaml');
        writeFileSync(path, `api-key: ${key}\n`);
        return { argv: ['--config', path] };
      },
    ],
  ];
  test.each(ways)('a key from %s is in no file and no output', async (_name, give) => {
    const guarded = await startSim({ apiKey: key });
    const dir = join(tempDir(), 'result');
    const { argv, env } = give(tempDir());
    const command = ['run', 'llm.inference', '--endpoint', guarded.endpoint, ...quick, ...paced];
    const result = await runBench([...command, '--save-result', '--output', dir, ...argv], {
      ...(env && { env }),
    });
    expect(result.exitCode, result.err).toBe(0);
    expect(guarded.truth.at(-1)).toMatchObject({ status: 200 });
    expectNowhere(key, dir, result);
    const shown = await runBench(['show', dir, '--json']);
    expect(shown.out).not.toContain(key);
  });

  test('a server that repeats the key in its error does not spread it', async () => {
    const body = JSON.stringify({ error: { message: `Incorrect API key provided: ${key}.` } });
    const guarded = await startSim({ faults: [{ kind: 'http', status: 500, body }] });
    const dir = join(tempDir(), 'result');
    const command = ['run', 'llm.inference', '--endpoint', guarded.endpoint, ...quick, ...paced];
    const result = await runBench([...command, '--json', '--output', dir, '--api-key', key]);
    expect(result.exitCode).toBe(4);
    expect(result.err).toContain('Incorrect API key provided: <redacted>');
    expectNowhere(key, dir, result);
  });

  test('credentials in the URL', async () => {
    const dir = join(tempDir(), 'result');
    const endpoint = server.endpoint.replace('http://', `http://user:${key}@`);
    const command = ['run', 'llm.inference', '--endpoint', endpoint, ...quick, ...paced];
    const result = await runBench([...command, '--output', dir]);
    expect(result.exitCode, result.err).toBe(0);
    expectNowhere(key, dir, result);
  });
});

describe('--save-result', () => {
  const original = JSON.parse(
    readFileSync(new URL('../fixtures/engines/vllm-bench-result.json', import.meta.url), 'utf8'),
  ) as Record<string, unknown>;
  /** What `vllm bench serve` takes out of the file without --save-detailed. */
  const detailedOnly = [
    ...['input_lens', 'output_lens', 'start_times', 'ttfts', 'itls'],
    ...['generated_texts', 'errors'],
  ];

  async function saved(argv: readonly string[]) {
    const target = tempDir();
    await run(['--json', '--no-html', '--save-result', '--result-dir', target, ...argv]);
    const files = readdirSync(target);
    expect(files).toHaveLength(1);
    const [name = ''] = files;
    return {
      name,
      json: JSON.parse(readFileSync(join(target, name), 'utf8')) as Record<string, unknown>,
    };
  }

  test('writes the file of `vllm bench serve`, key for key', async () => {
    const { name, json } = await saved(['--label', 'mine']);
    const keys = Object.keys(original).filter((key) => !detailedOnly.includes(key));
    expect(Object.keys(json).sort()).toEqual(keys.sort());
    expect(name).toMatch(/^mine-60(\.0)?qps-sim-model-\d{8}-\d{6}\.json$/);
    expect(json).toMatchObject({ completed: 20, failed: 0, num_prompts: 20, request_rate: 60 });
    for (const key of Object.keys(json).filter((key) => key.endsWith('_ms'))) {
      expect(json[key], key).toBeTypeOf('number');
      // Milliseconds, of requests that were all within the run, which is told in seconds.
      expect(json[key], key).toBeLessThan(1000 * Number(json['duration']));
    }
    expect(json['median_ttft_ms']).toBeGreaterThan(3);
  });

  test('with --save-detailed has the per-request arrays as well', async () => {
    const { json } = await saved(['--save-detailed']);
    expect(Object.keys(json).sort()).toEqual(Object.keys(original).sort());
    expect(json['ttfts']).toHaveLength(20);
  });
});
