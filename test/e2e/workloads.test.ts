import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Envelope } from '../../src/model/index.ts';
import { readLevels } from '../../src/results/index.ts';
import { type SimSpecInput, startSimServer } from '../../src/sim/index.ts';
import { type BenchResult, readValidEnvelope, runBench, tempDir } from './run-bench.ts';

const fast: SimSpecInput = {
  prefill: { baseMs: 1, perTokenMs: 0 },
  decode: { kind: 'constant', itlMs: 0.2 },
};

/** A short closed-loop run against a simulated server in this process. */
async function run(
  spec: SimSpecInput,
  argv: readonly string[],
): Promise<BenchResult & { output: string }> {
  const server = await startSimServer({ ...fast, ...spec });
  onTestFinished(() => server.stop());
  const output = join(tempDir(), 'result');
  const result = await runBench([
    ...['run', 'llm.inference', '--endpoint', server.endpoint, '--json', '--no-html'],
    ...['--max-concurrency', '2', '--requests', '12', '--output', output],
    ...['--warmup-runs', '0', '--gates', 'off', '--allow-client-bottleneck', ...argv],
  ]);
  return { ...result, output };
}

const promptsOf = ({ workload }: Envelope) => {
  if (workload.prompts === undefined) throw new Error('no provenance');
  return workload.prompts;
};

describe('input lengths are what the server counts', () => {
  test.each([
    ['chat', 9],
    ['completions', 0],
  ])('%s: a template of %d tokens is part of them', async (api, chatTemplateTokens) => {
    const { exitCode, err, output } = await run({ chatTemplateTokens }, [
      ...['--api', api, '--input-tokens', 'uniform:20:200', '--output-tokens', '4'],
    ]);
    expect(exitCode, err).toBe(0);
    const envelope = readValidEnvelope(output);
    const [level] = await readLevels(output, envelope);
    const counted = level?.records.filter((record) => record.counted) ?? [];
    expect(counted).toHaveLength(12);
    for (const record of counted) expect(record.inputTokensUsage).toBe(record.inputTokensAsked);
    const prompts = promptsOf(envelope);
    expect(prompts.lengthCheck).toEqual({
      source: 'server /tokenize',
      prompts: 8,
      exact: true,
      largestErrorTokens: 0,
      overheadTokens: chatTemplateTokens,
      usageAgrees: true,
    });
    expect(prompts).toMatchObject({ dataset: 'prose', source: 'generated', uniquePrompts: 12 });
    expect(prompts.input.achieved).toEqual(prompts.input.asked);
    expect(prompts.output.achieved).toMatchObject({ count: 12, mean: 4 });
    expect(prompts.prefixReuseShare).toBe(0);
  });

  test('without /tokenize the usage says how far off the estimates are', async () => {
    const { output } = await run({ routes: { tokenize: false }, chatTemplateTokens: 30 }, [
      ...['--api', 'chat', '--input-tokens', '40', '--output-tokens', '2'],
    ]);
    const envelope = readValidEnvelope(output);
    expect(promptsOf(envelope).lengthCheck).toMatchObject({ source: 'server usage', exact: false });
    expect(envelope.findings.map(({ code }) => code)).toContain('input-length-off');
  });

  test('outputs that end early are a finding, and the achieved lengths show it', async () => {
    const { output } = await run({ stopEarly: { probability: 1, ignoresIgnoreEos: true } }, [
      ...['--output-tokens', '64'],
    ]);
    const envelope = readValidEnvelope(output);
    expect(envelope.levels[0]?.findings.map(({ code }) => code)).toContain('short-outputs');
    const { asked, achieved } = promptsOf(envelope).output;
    expect(asked.mean).toBe(64);
    expect(Number(achieved.mean)).toBeLessThan(60);
  });

  test('min_tokens is asked for where ignore_eos is rejected', async () => {
    const { output } = await run(
      { rejectFields: [{ field: 'ignore_eos', status: 422 }], stopEarly: { probability: 1 } },
      ['--output-tokens', '16'],
    );
    const envelope = readValidEnvelope(output);
    expect(envelope.workload.ignoreEos).toBe(true);
    expect(promptsOf(envelope).output.achieved).toMatchObject({ min: 16, max: 16 });
    expect(envelope.findings.find(({ code }) => code === 'field-dropped')).toMatchObject({
      severity: 'info',
      message: expect.stringContaining('min_tokens is asked for instead'),
    });
  });
});

describe('a data set that does not fit the context', () => {
  test('is refused with the share', async () => {
    const { exitCode, out } = await run({ contextTokens: 8192 }, ['--dataset', 'long-context-qa']);
    expect(exitCode).toBe(2);
    const { error } = JSON.parse(out) as { error: { code: string; message: string; hint: string } };
    expect(error).toMatchObject({
      code: 'WORKLOAD_CONTEXT',
      // The exact share is 76.7 %: see src/workload/lengths.test.ts.
      message: expect.stringMatching(/^7[67]\.\d % of the requests of long-context-qa/),
      hint: expect.stringContaining('--fit-context'),
    });
  });

  test('is drawn again and renamed with --fit-context', async () => {
    const { exitCode, err, output } = await run({ contextTokens: 1000 }, [
      ...['--dataset', 'chat', '--fit-context'],
    ]);
    expect(exitCode, err).toBe(0);
    const envelope = readValidEnvelope(output);
    expect(promptsOf(envelope).dataset).toBe('chat-fit-1000');
    expect(envelope.workload.dataset).toMatch(/^chat-fit-1000: /);
    expect(envelope.findings.map(({ code }) => code)).toContain('fit-to-context');
    const [level] = await readLevels(output, envelope);
    for (const record of level?.records ?? []) {
      expect(record.inputTokensAsked + record.outputTokensAsked).toBeLessThanOrEqual(1000);
      if (record.counted) expect(record.outcome).toBe('ok');
    }
  });
});

describe('conversations', () => {
  const message = (from: string, value: string) => ({ from, value });
  const text = JSON.stringify(
    Array.from({ length: 30 }, (_, i) => ({
      id: `talk_${i}`,
      conversations: [
        message('human', `question ${i}`),
        message('gpt', 'an answer of five words'),
        message('human', `${'and so on '.repeat(i)}?`),
        message('gpt', 'right so'),
      ],
    })),
  );
  const write = () => {
    const path = join(tempDir(), 'talks.json');
    writeFileSync(path, text);
    return path;
  };

  test('go to the chat API as messages, with the lengths of the real turns', async () => {
    const path = write();
    const { exitCode, err, output } = await run({}, ['--dataset', `sharegpt:${path}`]);
    expect(exitCode, err).toBe(0);
    const envelope = readValidEnvelope(output);
    expect(envelope.target.api).toBe('chat');
    const prompts = promptsOf(envelope);
    expect(prompts).toMatchObject({
      dataset: 'sharegpt',
      source: path,
      sourceSha256: createHash('sha256').update(text).digest('hex'),
      rows: 60,
      rowsLeftOut: 0,
    });
    // The simulated server adds its template once, whatever the number of messages.
    expect(prompts.lengthCheck).toMatchObject({ exact: true, overheadTokens: 8 });
    expect(prompts.input.achieved).toEqual(prompts.input.asked);
    expect(new Set([2, 5])).toContain(prompts.output.achieved.max);
    expect(envelope.workload).toMatchObject({ inputTokens: 'of each row' });
  });

  test('rows that do not fit are left out with --fit-context, else refused', async () => {
    const path = write();
    const argv = ['--dataset', `sharegpt:${path}`];
    const refused = await run({ contextTokens: 40 }, argv);
    expect(refused.exitCode).toBe(2);
    expect(refused.out).toMatch(
      /of the requests of sharegpt \(of 60 rows that this run would send\) do not fit the context of 40 tokens/,
    );
    const { exitCode, output } = await run({ contextTokens: 40 }, [...argv, '--fit-context']);
    expect(exitCode).toBe(0);
    const prompts = promptsOf(readValidEnvelope(output));
    expect(prompts.dataset).toBe('sharegpt-fit-40');
    expect(prompts.rowsLeftOut).toBeGreaterThan(0);
    expect(Number(prompts.rows) + Number(prompts.rowsLeftOut)).toBe(60);
  });
});

test('shared beginnings are what a prefix cache takes, and the result says how much', async () => {
  const { exitCode, err, output } = await run({ prefixCache: { blockTokens: 16 } }, [
    ...['--dataset', 'shared-prefix', '--prefix-tokens', '160', '--prefix-groups', '2'],
    ...['--input-tokens', '32', '--output-tokens', '2'],
  ]);
  expect(exitCode, err).toBe(0);
  const envelope = readValidEnvelope(output);
  const prompts = promptsOf(envelope);
  expect(prompts.input.asked).toMatchObject({ min: 192, max: 192 });
  // At most 12 - 2 of 12 prompts find their beginning, 160 of 192 tokens long.
  expect(prompts.prefixReuseShare).toBeGreaterThan(0.5);
  expect(prompts.prefixReuseShare).toBeLessThanOrEqual((10 / 12) * (160 / 192) + 0.01);
  expect(envelope.workload.prefixCache).toContain('2 beginnings of 160 tokens');
});

test('data that is missing ends the run before an engine starts; nothing else is used', async () => {
  const output = join(tempDir(), 'result');
  const { exitCode, err } = await runBench(
    [
      ...['run', 'llm.inference', '--engine', 'llama.cpp', '--model', 'smollm2-135m'],
      ...['--dataset', 'sharegpt-v3', '--max-concurrency', '1', '--output', output],
    ],
    { env: { BENCH_CACHE_DIR: tempDir(), BENCH_OFFLINE: '1' } },
  );
  expect(exitCode).toBe(3);
  expect(err).toMatch(/No source for ShareGPT V3 is left/);
  expect(err).toMatch(/sharegpt-v3:ShareGPT_V3_unfiltered_cleaned_split.json/);
  expect(err).not.toMatch(/starting llama.cpp/);
});
