import { test } from 'vitest';
import { type SimSpecInput, startSimServer } from '../../src/sim/index.ts';
import { runBench } from './run-bench.ts';

const fast: SimSpecInput = {
  prefill: { baseMs: 5, perTokenMs: 0 },
  decode: { kind: 'constant', itlMs: 1 },
};
const rows: [string, SimSpecInput, string[]][] = [
  ['ok', {}, []],
  ['any name', { acceptAnyModel: true }, ['--model', 'other']],
  ['wrong', {}, ['--model', 'sim-modle']],
  ['500', { faults: [{ kind: 'http', status: 500 }] }, []],
  ['500half', { faults: [{ kind: 'http', status: 500, when: { every: 2 } }] }, []],
  ['429', { faults: [{ kind: 'http', status: 429, headers: { 'retry-after': '30' } }] }, []],
  ['html', { faults: [{ kind: 'html' }] }, []],
  ['json', { faults: [{ kind: 'json-not-sse' }] }, []],
  ['empty', { faults: [{ kind: 'empty-body' }] }, []],
  ['garbage', { faults: [{ kind: 'garbage' }] }, []],
  ['hang', { faults: [{ kind: 'hang-before-headers' }] }, ['--request-timeout', '0.3']],
  ['stall', { faults: [{ kind: 'stall' }] }, ['--request-timeout', '0.3']],
  ['errev', { faults: [{ kind: 'error-event' }] }, []],
  ['trunc', { faults: [{ kind: 'truncate' }] }, []],
  ['truncA', { faults: [{ kind: 'truncate', abrupt: true }] }, []],
  ['reset', { faults: [{ kind: 'reset' }] }, []],
  ['reset1', { faults: [{ kind: 'reset', afterTokens: 1 }] }, []],
  ['gzip', { faults: [{ kind: 'gzip' }] }, []],
  ['404', { faults: [{ kind: 'http', status: 404 }] }, []],
  ['key', { apiKey: 'sk-secret' }, []],
  ['eos', { rejectFields: [{ field: 'ignore_eos', status: 422 }] }, []],
  ['so', { rejectFields: [{ field: 'stream_options', status: 400 }] }, []],
  ['nousage', { wire: { usage: 'none' } }, []],
  ['nodone', { wire: { done: false } }, []],
  [
    'short',
    { stopEarly: { probability: 1, ignoresIgnoreEos: true } },
    ['--slo-template', 'llm.standard'],
  ],
  ['refuse', { faults: [{ kind: 'refuse', when: { from: 4 } }] }, []],
  ['ctx', { faults: [{ kind: 'context-length' }] }, []],
];
test.each(rows)('%s', async (name, spec, more) => {
  const server = await startSimServer({ ...fast, ...spec });
  const t0 = Date.now();
  const r = await runBench([
    'run',
    'llm.inference',
    '--endpoint',
    server.endpoint,
    '--rate',
    '40',
    '--requests',
    '12',
    '--arrival',
    'constant',
    '--input-tokens',
    '8',
    '--output-tokens',
    '4',
    '--warmup-requests',
    '1',
    '--json',
    ...more,
  ]);
  const o = r.out ? JSON.parse(r.out) : null;
  console.log(
    `##### ${name} ${Date.now() - t0} ms exit ${r.exitCode}\n${r.err}`,
    o &&
      JSON.stringify({
        s: o.status,
        e: o.error,
        f: o.findings,
        o: o.levels.map((l: any) => l.outcomes),
      }),
  );
  await server.stop();
});
