import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fakeSglang } from '../../src/engines/sglang/test-support.ts';
import { writeProgram } from '../../src/engines/test-support.ts';
import { fakeTgi } from '../../src/engines/tgi/test-support.ts';
import { fakeTrtllm } from '../../src/engines/trtllm/test-support.ts';
import { bare, readValidEnvelope, runBench, tempDir } from './run-bench.ts';

/** A machine that has the program, run by a Python where it is one, and a model folder. */
function machineWith(program: string, text: string, isPython: boolean) {
  const dir = tempDir();
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  if (isPython) {
    const python = writeProgram(bin, 'python3.12', text);
    writeProgram(bin, program, `#!${python}\n`);
  } else {
    writeProgram(bin, program, text);
  }
  const model = join(dir, 'model');
  mkdirSync(model);
  writeFileSync(join(model, 'config.json'), '{"max_position_embeddings": 1024}');
  const env = {
    PATH: `${bin}:${process.env['PATH']}`,
    HOME: dir,
    BENCH_CACHE_DIR: join(dir, 'cache'),
  };
  return { dir, env, model: ['--model', 'tiny', '--model-path', model] };
}

/** None of them can be installed here: what is measured is a program with their pages. */
describe('engines that need a GPU, as stand-ins', () => {
  test.each([
    ['sglang', 'sglang', fakeSglang, true, 'sglang', ['fa3', 'fcfs']],
    [
      'tensorrt-llm',
      'trtllm-serve',
      fakeTrtllm('1.3.0'),
      true,
      'tensorrt-llm',
      ['TRTLLM', 'GUARANTEED_NO_EVICT'],
    ],
    ['tgi', 'text-generation-launcher', fakeTgi, false, 'tgi', ['flashinfer', 'unknown']],
  ])(
    '%s is started, measured, and its settings are in the report',
    async (engine, program, text, isPython, family, [attention, policy]) => {
      const { dir, env, model } = machineWith(program, text, isPython);
      const output = join(dir, 'run');
      const ran = await runBench(
        [
          ...['run', 'llm.inference', '--engine', engine, ...model, '--slots', '4', ...bare],
          ...['--max-concurrency', '2', '--requests', '6', '--input-tokens', '8'],
          ...['--output-tokens', '4', '--output', output],
        ],
        { env },
      );
      expect(ran.exitCode, ran.err).toBe(0);
      const envelope = readValidEnvelope(output);
      expect(envelope.engine).toMatchObject({
        started: true,
        settings: { slots: 4, source: 'path' },
      });
      expect(envelope.engineMetrics).toMatchObject({ family });
      const report = await runBench(['report', output, '--format', 'markdown'], { env });
      const shown = report.out.replaceAll('\\', '');
      expect(shown).toMatch(new RegExp(`Attention backend \\|[^|]*${attention}`));
      expect(shown).toMatch(new RegExp(`Scheduling policy \\|[^|]*${policy}`));
      expect(readFileSync(join(output, 'report.html'), 'utf8')).toContain('Attention backend');
    },
  );
});
