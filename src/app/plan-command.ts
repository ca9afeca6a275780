import { ExitCode, type Host } from '../core/index.ts';
import type { CapacityPlan, Envelope, Price } from '../model/index.ts';
import { judgeSlos, planCapacity } from '../protocols/index.ts';
import { renderPlan, renderPlanMarkdown } from '../report/index.ts';
import { findPrice } from './cost/find-price.ts';
import { readPrices } from './cost/read-prices.ts';
import { parseSlos } from './parse-slo.ts';
import type { PlanSettings } from './settings.ts';
import { openResult, type StoredResult } from './show-result.ts';

/**
 * `bench plan`: instances, GPUs and cost for a target rate, from a stored result.
 *
 * @throws BenchError RESULT_*, SLO_*, USAGE_*
 */
export async function runPlan(path: string, settings: PlanSettings, host: Host): Promise<ExitCode> {
  const rows = await readPrices(settings.prices, host.cwd);
  const envelope = judged(await openResult(path, host), settings);
  const plan = planCapacity(envelope, {
    targetRps: settings.targetQps,
    headroomShare: settings.headroom / 100,
    gpusPerInstance: settings.gpusPerInstance,
    price: priceOf(envelope, settings, rows),
    inputTokens: settings.inputTokens,
    outputTokens: settings.outputTokens,
  });
  host.stdout.write(render(plan, settings, host));
  return ExitCode.ok;
}

function render(plan: CapacityPlan, { json, format }: PlanSettings, { stdout, env }: Host): string {
  if (json || format === 'json') return `${JSON.stringify(plan, null, 2)}\n`;
  if (format === 'markdown') return renderPlanMarkdown(plan);
  const color = stdout.isTTY && env['NO_COLOR'] === undefined;
  return renderPlan(plan, { columns: stdout.isTTY ? stdout.columns : 100, color });
}

/** Under other SLOs than the run's, every level is judged again from its records. */
function judged({ envelope, levels }: StoredResult, settings: PlanSettings): Envelope {
  const slos = parseSlos(settings.sloTemplate, settings.slo);
  if (slos.length === 0) return envelope;
  return {
    ...envelope,
    slos,
    slo: slos[0] ?? null,
    levels: envelope.levels.map((level) => {
      const run = levels.find(({ index }) => index === level.index);
      return run === undefined ? level : { ...level, slos: judgeSlos(run, slos) };
    }),
  };
}

/** Of one instance: as stated, as the run had it, else by its GPUs. */
function priceOf(
  envelope: Envelope,
  settings: PlanSettings,
  rows: Awaited<ReturnType<typeof readPrices>>,
): Price | null {
  const stored = envelope.method?.cost?.price ?? null;
  if (stored !== null && settings.pricePerHour === null && settings.prices === null) return stored;
  const { system, target, model, startedAt } = envelope;
  if (system === undefined && settings.pricePerHour === null) return null;
  const nothing = { value: null, from: null };
  const gpuCount =
    settings.gpusPerInstance === null
      ? (system?.gpuCount ?? nothing)
      : { value: settings.gpusPerInstance, from: 'given' as const };
  return findPrice({
    pricePerHour: settings.pricePerHour,
    priceInput: null,
    priceOutput: null,
    rows,
    url: target.url,
    model: model.asked,
    system: { gpu: system?.gpu ?? nothing, gpuCount },
    date: startedAt.slice(0, 10),
  });
}
