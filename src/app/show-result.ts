import { join, relative, resolve } from 'node:path';
import { ExitCode, type Host } from '../core/index.ts';
import type { Envelope, LevelRun } from '../model/index.ts';
import { headlineLevel, headlineMetrics, summarizeRun } from '../protocols/index.ts';
import { renderSummary, reports, toStdoutObject } from '../report/index.ts';
import {
  engineMetricsFile,
  findComparisonFolder,
  findResultFolder,
  readAlteredFiles,
  readEnvelope,
  readLevels,
} from '../results/index.ts';
import { readEngineSamples } from '../telemetry/index.ts';
import { showComparison, writeComparisonReport } from './compare/show-comparison.ts';
import { completeEnvelope } from './complete-envelope.ts';
import { htmlFile } from './finish-run.ts';
import { writeReportFile } from './report-file.ts';
import { emptyMetrics } from './run-state.ts';
import { refuseServerLog, showServerLog } from './server-log/show-server-log.ts';
import { refuseDefinitions, renderByDefinitions } from './show-definitions.ts';

export interface StoredResult {
  dir: string;
  /** With every number recomputed from the raw records. */
  envelope: Envelope;
  levels: LevelRun[];
  /** Metric keys whose stored value differs from the recomputed one, `level 0: ttft_p50_ms`. */
  differing: string[];
}

/**
 * Reads a result folder and computes its numbers again from the records in it.
 *
 * @throws BenchError RESULT_*
 */
export async function openResult(path: string, host: Host): Promise<StoredResult> {
  const given = resolve(host.cwd, path);
  const stored = await readEnvelope(given);
  const dir = await findResultFolder(given);
  const levels = await readLevels(given, stored);
  const altered = await readAlteredFiles(dir, stored);
  const maxErrorShare = Number(stored.command.resolved['maxErrorShare'] ?? 0.01);
  const differing: string[] = [];
  const summaries = levels.map((run) => {
    const before = stored.levels.find((level) => level.index === run.index);
    const context = {
      slo: stored.slo,
      ...(stored.slos && { slos: stored.slos }),
      seed: stored.seed,
      maxErrorShare,
      lengthEnforced: stored.workload.ignoreEos,
      quickLook: stored.quickLook,
      allowClientBottleneck: stored.command.resolved['allowClientBottleneck'] === true,
    };
    if (before === undefined) return summarizeRun(context, run, null);
    // The stored findings of a level are part of it: they hold what only the live run could see.
    const again = summarizeRun(context, { ...run, findings: [] }, null);
    for (const [key, value] of Object.entries(again.metrics.values)) {
      if (key in before.metrics.values && before.metrics.values[key] !== value) {
        differing.push(`level ${run.index}: ${key}`);
      }
    }
    return { ...before, metrics: again.metrics, sloMet: again.sloMet, findings: run.findings };
  });
  const headline = headlineLevel(summaries, stored.slo);
  const envelope: Envelope = {
    ...stored,
    levels: summaries,
    headline,
    metrics: headlineMetrics(summaries, headline, stored.slo, emptyMetrics()),
    findings: [
      ...stored.findings,
      ...(altered.length === 0
        ? []
        : [
            {
              code: 'files-altered',
              severity: 'warning' as const,
              message: `changed since they were written (SHA-256): ${altered.join(', ')}.`,
            },
          ]),
      ...(differing.length === 0
        ? []
        : [
            {
              code: 'numbers-differ',
              severity: 'warning' as const,
              message: `recomputed from the records, ${differing.length} numbers differ from the stored ones (${differing.slice(0, 3).join(', ')}${differing.length > 3 ? ', ...' : ''}); shown are the recomputed ones.`,
            },
          ]),
    ],
  };
  const price = stored.method?.cost?.price ?? null;
  return { dir, levels, differing, envelope: completeEnvelope(envelope, price) };
}

/** `bench show`: what the run printed, computed again. */
export async function showResult(
  path: string,
  options: { json: boolean; definitions: string | null; serverLog: string | null },
  host: Host,
): Promise<ExitCode> {
  const compared = await findComparisonFolder(resolve(host.cwd, path));
  refuseServerLog(options, compared !== null);
  if (compared !== null) {
    refuseDefinitions(options.definitions);
    return showComparison(compared, options, host);
  }
  const stored = await openResult(path, host);
  const { dir, envelope } = stored;
  if (options.serverLog !== null) {
    return showServerLog(stored.levels, options.serverLog, options.json, host);
  }
  if (options.definitions !== null) {
    const format = options.json ? 'json' : 'table';
    host.stdout.write(renderByDefinitions(stored, options.definitions, format, host));
    return ExitCode.ok;
  }
  host.stdout.write(
    options.json
      ? `${JSON.stringify(toStdoutObject(envelope, dir), null, 2)}\n`
      : `${renderSummary(envelope, {
          columns: host.stdout.isTTY ? host.stdout.columns : 100,
          color: host.stdout.isTTY && host.env['NO_COLOR'] === undefined,
          outputDir: relative(host.cwd, dir) || '.',
        })}\n`,
  );
  return ExitCode.ok;
}

/** `bench report`: any format, from the folder alone. */
export async function writeReport(
  path: string,
  options: { format: string; out: string | null; definitions: string | null },
  host: Host,
): Promise<ExitCode> {
  const report = reports.get(options.format);
  const compared = await findComparisonFolder(resolve(host.cwd, path));
  if (compared !== null) {
    refuseDefinitions(options.definitions);
    return writeComparisonReport(compared, options, host);
  }
  const stored = await openResult(path, host);
  const { dir, envelope, levels } = stored;
  const text =
    options.definitions === null
      ? // As the run itself rendered it: no report can name its own hash.
        report.render({
          envelope: { ...envelope, files: {} },
          levels,
          engineSamples: await readEngineSamples(join(dir, engineMetricsFile)),
          outputDir: dir,
        })
      : renderByDefinitions(stored, options.definitions, options.format, host);
  const out = options.out ?? (report.id === 'html' ? join(dir, htmlFile) : null);
  if (out === null) {
    host.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    return ExitCode.ok;
  }
  return writeReportFile(out, text, host);
}
