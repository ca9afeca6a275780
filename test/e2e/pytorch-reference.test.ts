import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fakeTorchPython, python, startToy } from '../../src/engines/pytorch/test-support.ts';
import { buildGguf, writeProgram } from '../../src/engines/test-support.ts';
import type { RequestRecord, ServerLogJoin } from '../../src/model/index.ts';
import { readEnvelope, readLevels } from '../../src/results/index.ts';
import { readValidEnvelope, runBench, tempDir, warmedOnce } from './run-bench.ts';

const load = [
  ...['--max-concurrency', '1', '--requests', '4', '--input-tokens', '40'],
  ...['--output-tokens', '6', ...warmedOnce],
];

async function countedRecords(output: string): Promise<RequestRecord[]> {
  const levels = await readLevels(output, await readEnvelope(output));
  return levels.flatMap(({ records }) => records).filter(({ counted }) => counted);
}

/** The reference server's own code, with a model of bytes in place of torch. */
describe.skipIf(python === null)('the PyTorch reference (needs python3)', () => {
  /** A Python that says it has torch, a model file, and a machine that has nothing else. */
  function machine() {
    const dir = tempDir();
    mkdirSync(join(dir, 'bin'));
    writeProgram(join(dir, 'bin'), 'python3', fakeTorchPython);
    const model = join(dir, 'm.gguf');
    writeFileSync(model, buildGguf({ 'general.architecture': 'llama', 'general.file_type': 3 }));
    const env = {
      PATH: `${join(dir, 'bin')}:${process.env['PATH']}`,
      HOME: dir,
      BENCH_CACHE_DIR: join(dir, 'cache'),
    };
    return { dir, env, model: ['--model', 'tiny', '--model-path', model] };
  }

  test('is started, measured at exact output lengths, and its settings are in the result', async () => {
    const { dir, env, model } = machine();
    const output = join(dir, 'run');
    const ran = await runBench(
      ['run', 'llm.inference', '--engine', 'pytorch', ...model, ...load, '--output', output],
      { env },
    );
    expect(ran.exitCode, ran.err).toBe(0);
    const envelope = readValidEnvelope(output);
    expect(envelope).toMatchObject({
      engine: { id: 'pytorch', version: 'torch 2.13.0, transformers 5.23.0', started: true },
      model: { served: 'tiny', quant: 'Q4_1' },
    });
    expect(envelope.engine.settings).toMatchObject({ slots: 1, torch: 'toy', source: 'path' });
    expect(envelope.findings.map(({ code }) => code)).toContain('weights-dequantised');
    const records = await countedRecords(output);
    expect(records).toHaveLength(4);
    for (const record of records) {
      expect(record).toMatchObject({
        ...{ outcome: 'ok', tokenSource: 'continuous-usage', cachedTokensUsage: 0 },
        ...{ outputTokensUsage: 6, outputTokensCounted: 6, done: true },
      });
    }
    // Its log names every request by the id that it came with.
    const log = join(output, 'engine.log');
    const shown = await runBench(['show', output, '--server-log', log, '--json'], { env });
    expect(shown.exitCode, shown.err).toBe(0);
    const joined = JSON.parse(shown.out) as ServerLogJoin;
    expect(joined.found).toBe(joined.sent);
    expect(
      joined.waits.map(({ name, requests, impossible }) => [name, requests, impossible]),
    ).toEqual(['TTFT', 'E2E', 'Queue'].map((name) => [name, joined.sent, 0]));
    const text = await runBench(['show', output, '--server-log', log], { env });
    expect(text.out).toContain(`${joined.sent} of ${joined.sent} requests are in`);
    const other = await runBench(['show', output, '--server-log', join(output, 'envelope.json')], {
      env,
    });
    expect([other.exitCode, other.err]).toEqual([2, expect.stringContaining('names none of the')]);
  });

  test('is known by its own word where it runs already', async () => {
    const toy = await startToy();
    try {
      const output = join(tempDir(), 'run');
      const ran = await runBench([
        ...['run', 'llm.inference', '--endpoint', `${toy.url}/v1`, ...load, '--output', output],
      ]);
      expect(ran.exitCode, ran.err).toBe(0);
      expect(readValidEnvelope(output).engine).toMatchObject({ id: 'pytorch', started: false });
    } finally {
      await toy.stop();
    }
  });

  test('refuses slots by name, and a list and a doctor say how it stands', async () => {
    const { env, model } = machine();
    const slots = await runBench(
      ['run', 'llm.inference', '--engine', 'pytorch', ...model, '--slots', '2'],
      { env },
    );
    expect(slots).toMatchObject({ exitCode: 2, err: expect.stringContaining('--slots 2') });
    const list = await runBench(['engine', 'list'], { env });
    expect(list.out).toMatch(
      /^pytorch \(also torch, .*\) {2}PyTorch reference server\n {2}torch 2\.13\.0.*\n {2}can run here/m,
    );
    const json = JSON.parse((await runBench(['engine', 'list', '--json'], { env })).out);
    expect(json.engines).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...{ id: 'pytorch', obstacle: null },
          tunables: expect.arrayContaining([expect.objectContaining({ flag: '--threads' })]),
        }),
      ]),
    );
    const doctor = await runBench(['engine', 'doctor', 'pytorch'], { env });
    expect(doctor).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^ok {4}imports/m) });
    const broken = { ...env, FAKE_IMPORT: 'ImportError: libtorch.so' };
    expect(await runBench(['engine', 'doctor', 'torch'], { env: broken })).toMatchObject({
      exitCode: 3,
      out: expect.stringContaining('libtorch.so'),
    });
  });
});
