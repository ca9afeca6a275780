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
    client: envelope.client,
    outputDir,
    findings: allFindings(envelope).map(({ code, severity, message, level }) => ({
      code,
      severity,
      message,
      ...(level !== undefined && { level }),
    })),
    levels: envelope.levels.map(toLevelObject),
    /** Index into `levels`. */
    headline: envelope.headline,
    metrics: {
      ...Object.fromEntries(headlineKeys.map((key) => [key, null])),
      ...metrics.values,
    },
    intervals: metrics.intervals,
    flags: metrics.flags,
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
  };
}
