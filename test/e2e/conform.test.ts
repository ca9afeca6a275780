import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { main } from '../../src/cli/index.ts';
import { createFakeHost } from '../../src/host/index.ts';
import type { Conformance } from '../../src/model/index.ts';
import { type SimSpecInput, startSimServer } from '../../src/sim/index.ts';
import { runBench, tempDir } from './run-bench.ts';

const schema = JSON.parse(
  readFileSync(new URL('../../schemas/conformance.v1.schema.json', import.meta.url), 'utf8'),
) as object;
const validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(
  schema,
);

const quick: SimSpecInput = {
  ...{ text: 'sampled', slots: 4, contextTokens: 2048, routes: { props: true } },
  ...{ prefill: { baseMs: 5, perTokenMs: 0.01 }, decode: { kind: 'constant', itlMs: 3 } },
  stopEarly: { probability: 0.999 },
};

async function start(spec: SimSpecInput = quick) {
  const server = await startSimServer(spec, { spinMs: 0 });
  onTestFinished(() => server.stop());
  return server;
}

function parse(out: string): Conformance {
  const value: unknown = JSON.parse(out);
  validate(value);
  expect(validate.errors ?? []).toEqual([]);
  return value as Conformance;
}

describe('bench conform', () => {
  test('prints every row, as JSON by the published schema, and writes Markdown', async () => {
    const server = await start();
    const cwd = tempDir();
    const { exitCode, out, err } = await runBench(
      [
        'conform',
        '--endpoint',
        server.endpoint,
        '--api-key',
        'sk-secret-key',
        '--json',
        '--output',
        'c.md',
      ],
      { cwd },
    );
    expect(exitCode, err).toBe(0);
    const conformance = parse(out);
    expect(conformance.status).toBe('complete');
    expect(conformance.server).toMatchObject({ model: 'sim-model', slots: 4, contextTokens: 2048 });
    expect(conformance.rows.length).toBeGreaterThan(30);
    expect(conformance.requests).toBeGreaterThan(30);
    const markdown = readFileSync(join(cwd, 'c.md'), 'utf8');
    for (const { id } of conformance.rows) expect(markdown).toContain(`| \`${id}\` |`);
    expect(markdown).toContain(`bench conform --endpoint ${server.endpoint}`);
    expect(`${out}${err}${markdown}`).not.toContain('sk-secret-key');
  });

  test('the table names verdict, row, evidence and meaning; other families are left out', async () => {
    const server = await start();
    const { exitCode, out } = await runBench([
      'conform',
      '--endpoint',
      server.endpoint,
      '--only',
      'page,error',
    ]);
    expect(exitCode).toBe(0);
    expect(out).toMatch(
      /^yes +error\.model +HTTP 404, \{error: \{message, type, param, code\}\} NotFoundError$/m,
    );
    expect(out).toContain('A mistyped model ends a run at once.');
    expect(out).not.toContain('length.');
  });

  test('--require: exit 5 unless the row is yes', async () => {
    const server = await start({ ...quick, quirks: { ignores: ['ignore_eos'] } });
    const ask = (rows: string) =>
      runBench(['conform', '--endpoint', server.endpoint, '--only', 'length', '--require', rows]);
    const missing = await ask('length.max-tokens,length.ignore-eos');
    expect(missing.exitCode).toBe(5);
    expect(missing.err).toContain('required: length.ignore-eos is ignored, not yes');
    expect((await ask('length.max-tokens')).exitCode).toBe(0);
  });

  test('what is preflight’s to say is said as preflight says it', async () => {
    const server = await start({
      ...quick,
      rejectFields: [{ field: 'ignore_eos', status: 422 }],
    });
    const { out } = await runBench([
      'conform',
      '--endpoint',
      server.endpoint,
      '--only',
      'length',
      '--json',
    ]);
    const row = parse(out).rows.find(({ id }) => id === 'length.ignore-eos');
    expect(row).toMatchObject({ verdict: 'no', evidence: expect.stringContaining('HTTP 422') });
  });

  test('Ctrl-C prints what is known, marked partial: exit 130', async () => {
    // Pages answer, generations hang once preflight has had its own.
    const server = await start({
      ...quick,
      faults: [{ kind: 'hang-before-headers', when: { from: 6 } }],
    });
    const host = createFakeHost({
      argv: ['conform', '--endpoint', server.endpoint, '--json'],
      cwd: tempDir(),
    });
    const ended = main(host);
    await expect.poll(() => server.requests, { timeout: 60_000 }).toBeGreaterThanOrEqual(6);
    host.interrupt();
    expect(await ended).toBe(130);
    const conformance = parse(host.out());
    expect(conformance.status).toBe('partial');
    expect(conformance.exitCode).toBe(130);
    const verdictOf = (id: string) => conformance.rows.find((row) => row.id === id);
    expect(verdictOf('page.models')?.verdict).toBe('yes');
    expect(verdictOf('cancel.disconnect')).toMatchObject({
      verdict: 'unknown',
      evidence: 'interrupted',
    });
  });

  test('limits end a server that hangs: exit 0, the rows say why', async () => {
    const server = await start({
      ...quick,
      faults: [{ kind: 'hang-before-headers', when: { from: 6 } }],
    });
    const { exitCode, out } = await runBench([
      ...['conform', '--endpoint', server.endpoint, '--json'],
      ...['--request-timeout', '30', '--family-timeout', '1', '--time-limit', '4'],
    ]);
    expect(exitCode).toBe(0);
    const conformance = parse(out);
    expect(conformance.status).toBe('partial');
    expect(conformance.rows.find(({ id }) => id === 'error.model')?.evidence).toMatch(/within \d/);
  });

  test.each<[string, NonNullable<SimSpecInput['faults']>[number]]>([
    ['HTTP 500 on every one', { kind: 'http', status: 500 }],
    ['an error in every stream', { kind: 'error-event', afterTokens: 0 }],
    ['streams that break', { kind: 'truncate' }],
    ['HTML', { kind: 'html' }],
  ])('no generation succeeds, %s: exit 4 below a whole table', async (_, fault) => {
    const server = await start({ ...quick, faults: [fault] });
    const cwd = tempDir();
    const { exitCode, out, err } = await runBench(
      [
        ...['conform', '--endpoint', server.endpoint, '--only', 'page,error', '--output', 'c.json'],
        ...['--require', 'error.model'],
      ],
      { cwd },
    );
    expect(exitCode, err).toBe(4);
    expect(out).toMatch(/^yes +page\.models/m);
    expect(err.trimEnd().split('\n').at(-1)).toMatch(/no generation succeeded \(exit 4\)/);
    expect(parse(readFileSync(join(cwd, 'c.json'), 'utf8')).exitCode).toBe(4);
  });

  test.each([
    [['conform'], 2, 'USAGE_NO_TARGET'],
    [['conform', '--endpoint', 'http://127.0.0.1:9', '--engine', 'llama.cpp'], 2, 'USAGE_CONFLICT'],
    [
      ['conform', '--endpoint', 'http://127.0.0.1:9', '--require', 'length.eos'],
      2,
      'USAGE_UNKNOWN_ROW',
    ],
    [
      ['conform', '--endpoint', 'http://127.0.0.1:9', '--only', 'page', '--require', 'length.stop'],
      ...([2, 'USAGE_CONFLICT'] as const),
    ],
    [
      ['conform', '--endpoint', 'http://127.0.0.1:9', '--only', 'pages'],
      2,
      'USAGE_UNKNOWN_CONFORMANCE_FAMILY',
    ],
    [['conform', '--endpoint', 'http://127.0.0.1:9', '--output', 'x.pdf'], 2, 'USAGE_BAD_VALUE'],
    [['conform', '--endpoint', 'http://127.0.0.1:9'], 4, 'TARGET_REFUSED'],
  ])('%j exits %d with %s', async (argv, exitCode, code) => {
    const result = await runBench(argv);
    expect(result.exitCode, result.err).toBe(exitCode);
    expect(result.err).toContain(code);
  });
});
