import { writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { BenchError, ExitCode, type Host, messageOf } from '../core/index.ts';
import type { Envelope, LevelRun } from '../model/index.ts';
import { headlineLevel, headlineMetrics, summarizeRun } from '../protocols/index.ts';
import { renderSummary, reports, toStdoutObject } from '../report/index.ts';
import { findResultFolder, readAlteredFiles, readEnvelope, readLevels } from '../results/index.ts';
import { htmlFile } from './finish-run.ts';
import { emptyMetrics } from './run-state.ts';

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
  return {
    dir,
    levels,
    differing,
    envelope: {
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
    },
  };
}

/** `bench show`: what the run printed, computed again. */
export async function showResult(
  path: string,
  options: { json: boolean },
  host: Host,
): Promise<ExitCode> {
  const { dir, envelope } = await openResult(path, host);
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
  options: { format: string; out: string | null },
  host: Host,
): Promise<ExitCode> {
  const report = reports.get(options.format);
  const { dir, envelope, levels } = await openResult(path, host);
  // As the run itself rendered it: no report can name its own hash.
  const text = report.render({ envelope: { ...envelope, files: {} }, levels, outputDir: dir });
  const out = options.out ?? (report.id === 'html' ? join(dir, htmlFile) : null);
  if (out === null) {
    host.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    return ExitCode.ok;
  }
  const file = resolve(host.cwd, out);
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new BenchError('RESULT_NOT_WRITABLE', `Cannot write ${file}: ${messageOf(error)}`, {
      hint: 'Name another file with --out.',
    });
  }
  host.stdout.write(`${relative(host.cwd, file)}\n`);
  return ExitCode.ok;
}
