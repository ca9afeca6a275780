import { BenchError } from '../../core/index.ts';
import type { Report } from '../report.ts';
import { toVllmBenchJson } from './vllm-bench-json.ts';

/** The headline level (else the first) as a `vllm bench serve` result, per-request arrays included. */
export const vllmReport: Report = {
  id: 'vllm',
  title: 'Result file of `vllm bench serve` (headline level)',
  render({ envelope, levels }) {
    const wanted = envelope.levels[envelope.headline ?? 0]?.index;
    const run = levels.find((level) => level.index === wanted) ?? levels[0];
    if (!run) {
      throw new BenchError(
        'RESULT_NO_RECORDS',
        `Run ${envelope.runId} has no request records, from which vLLM's numbers are made.`,
        { hint: 'Point at the complete result folder, not only its envelope.json.' },
      );
    }
    const { json } = toVllmBenchJson(envelope, run, { label: null, detailed: true });
    return `${JSON.stringify(json)}\n`;
  },
};
