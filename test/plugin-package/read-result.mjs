// Measures a server whose truth is known, then does with the result what a notebook or a gate in
// CI would: reads the folder, computes the numbers again, renders them.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ExitCode,
  readEnvelope,
  readLevels,
  renderHtml,
  renderSummary,
  runBench,
  summarizeLevel,
  toVllmBenchJson,
} from 'inferencebench';
import { startSimServer } from 'inferencebench/testing';

const dir = mkdtempSync(join(tmpdir(), 'plugin-package-'));
const server = await startSimServer({
  prefill: { baseMs: 30, perTokenMs: 0 },
  decode: { kind: 'constant', itlMs: 5 },
});
try {
  const output = join(dir, 'result');
  const run = await runBench([
    ...['run', 'llm.inference', '--endpoint', server.endpoint, '--model', 'sim-model'],
    ...['--rate', '20', '--requests', '20', '--input-tokens', '8', '--output-tokens', '6'],
    ...['--json', '--output', output],
  ]);
  assert.equal(run.exitCode, ExitCode.ok, run.stderr);
  const printed = JSON.parse(run.stdout);

  const envelope = await readEnvelope(output);
  const levels = await readLevels(output, envelope);
  assert.equal(envelope.runId, printed.runId);
  assert.equal(levels.length, 1);
  const { values } = summarizeLevel(levels[0], { slo: envelope.slo, seed: envelope.seed });
  assert.equal(values.requests_ok, 20);
  assert.equal(values.output_tokens_total, 20 * 6);
  assert.equal(values.ttft_p50_ms, printed.metrics.ttft_p50_ms);
  assert.ok(values.ttft_p50_ms >= 30, `${values.ttft_p50_ms} ms are at least the server's 30`);

  assert.match(renderHtml({ envelope, levels }), /^<!doctype html>/);
  assert.match(renderSummary(envelope, { columns: 80, color: false }), /sim-model/);
  const vllm = toVllmBenchJson(envelope, levels[0], { label: null, detailed: false });
  assert.equal(vllm.json.completed, 20);
} finally {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
}
console.log('a stored result reads the same from outside');
