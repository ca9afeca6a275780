import type { LevelRun, SloTemplate } from '../../../model/index.ts';
import type { VllmRequest } from './aggregates.ts';

/**
 * The counts and rates of a `vllm bench serve` file, under its keys and in its order. Rates divide
 * by the time from the first dispatch to the last end, ramp and drain inside; failed requests are in
 * that time and in no count but `failed`.
 */
export function vllmTotals(
  run: LevelRun,
  requests: readonly VllmRequest[],
  slo: SloTemplate | null,
): Record<string, number | null> {
  const ok = requests.filter((request) => request.success);
  const sum = (pick: (request: VllmRequest) => number) =>
    ok.reduce((total, request) => total + pick(request), 0);
  const duration = durationS(run, requests);
  const per = (total: number) => (duration > 0 ? total / duration : null);
  const input = sum((request) => request.inputLen);
  const output = sum((request) => request.outputLen);
  return {
    duration,
    completed: ok.length,
    failed: requests.length - ok.length,
    total_input_tokens: input,
    total_output_tokens: output,
    request_throughput: per(ok.length),
    request_goodput: slo === null ? null : per(countGood(ok, slo)),
    output_throughput: per(output),
    total_token_throughput: per(input + output),
  };
}

/** From the start of the schedule to the end of the last counted request: ramp and drain inside. */
function durationS(run: LevelRun, requests: readonly VllmRequest[]): number {
  let startUs = run.windowStartUs;
  for (const request of requests) startUs = Math.min(startUs, request.startS * 1e6);
  let endUs = startUs;
  for (const record of run.records) if (record.counted) endUs = Math.max(endUs, record.endUs);
  return (endUs - startUs) / 1e6;
}

function countGood(ok: readonly VllmRequest[], slo: SloTemplate): number {
  const within = (seconds: number, limitMs: number | null) =>
    limitMs === null || seconds * 1000 <= limitMs;
  return ok.filter((request) => {
    const tpotS =
      request.outputLen > 1 ? (request.latencyS - request.ttftS) / (request.outputLen - 1) : 0;
    return (
      within(request.ttftS, slo.ttftMs) &&
      within(tpotS, slo.tpotMs) &&
      within(request.latencyS, slo.e2eMs)
    );
  }).length;
}
