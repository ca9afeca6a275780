import type { Envelope, LevelSummary } from '../../model/index.ts';
import { allFindings } from '../findings.ts';
import { headlineKeys } from '../metric-names.ts';

/**
 * The one object that `--json` prints. Metric keys of the llm.inference document are always
 * there, null where not measured. Percentiles that are infinite are the string "inf".
 */
export function toStdoutObject(envelope: Envelope, outputDir: string | null) {
  const { metrics } = envelope;
  return {
    runId: envelope.runId,
    status: envelope.status,
    exitCode: envelope.exitCode,
    quickLook: envelope.quickLook,
    error: envelope.error,
    model: {
      asked: envelope.model.asked,
      served: envelope.model.served,
      quant: envelope.model.quant ?? envelope.model.quantAsked,
    },
    engine: { id: envelope.engine.id, version: envelope.engine.version },
    hardware: envelope.hardware.detected,
    slo: envelope.slo,
    slos: envelope.slos ?? (envelope.slo === null ? [] : [envelope.slo]),
    client: envelope.client,
    outputDir,
    findings: allFindings(envelope).map(({ code, severity, message, level }) => ({
      code,
      severity,
      message,
      ...(level !== undefined && { level }),
    })),
    levels: envelope.levels.map(toLevelObject),
    /** Gates, search, sustained run, launches; null in results from before there were any. */
    method: envelope.method ?? null,
    /** Index into `levels`. */
    headline: envelope.headline,
    metrics: {
      ...Object.fromEntries(headlineKeys.map((key) => [key, null])),
      ...metrics.values,
    },
    intervals: metrics.intervals,
    flags: metrics.flags,
    /** Why a value of `metrics` is null, where more is known. */
    reasons: metrics.reasons ?? {},
    system: envelope.system ?? null,
    checklist: envelope.method?.checklist ?? [],
    cost: envelope.method?.cost ?? null,
    power: envelope.power ?? null,
    /** Where the levels' `engine` comes from, or why it is null. */
    engineMetrics: envelope.engineMetrics ?? null,
  };
}

function toLevelObject(level: LevelSummary) {
  const { kind, rateRps, concurrencyAsked, concurrencyReached, maxConcurrency, arrival } =
    level.load;
  return {
    index: level.index,
    load: { kind, rateRps, concurrencyAsked, concurrencyReached, maxConcurrency, arrival },
    status: level.status,
    valid: level.valid,
    sloMet: level.sloMet,
    metrics: level.metrics.values,
    intervals: level.metrics.intervals,
    flags: level.metrics.flags,
    outcomes: level.metrics.outcomes,
    role: level.role ?? 'level',
    launch: level.launch ?? 1,
    slos: level.slos ?? [],
    keepingUp: level.keepingUp ?? null,
    steady: level.steady ?? null,
    leadIn: level.leadIn ?? null,
    /** What the engine said of itself, what was drawn, and the machine of `bench`. */
    engine: level.engine ?? null,
    power: level.power ?? null,
    machine: level.machine ?? null,
  };
}
