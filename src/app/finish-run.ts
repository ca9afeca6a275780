import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import {
  BenchError,
  type ExitCode,
  type Host,
  isBenchError,
  messageOf,
  redactText,
  strongestExitCode,
} from '../core/index.ts';
import { type EmitRunEvent, type Envelope, isOwnShortage } from '../model/index.ts';
import { decideExit, headlineLevel } from '../protocols/index.ts';
import { renderHtml, renderSummary, toStdoutObject, toVllmBenchJson } from '../report/index.ts';
import type { RunWriter } from '../results/index.ts';
import { buildEnvelope, type RunState } from './run-state.ts';

export interface FinishDeps {
  host: Host;
  writer: RunWriter;
  emit: EmitRunEvent;
  closePanel(): void;
  outputDir: string;
}

export const htmlFile = 'report.html';

/** Decides what the run came to, stores it, and says it. */
export async function finishRun(state: RunState, deps: FinishDeps): Promise<ExitCode> {
  const { host, outputDir } = deps;
  const { settings } = state;
  const slo = state.slos[0] ?? null;
  const noneOk = !state.summaries.some((level) => Number(level.metrics.values['requests_ok']) > 0);
  if (noneOk && state.runs.length > 0 && !state.interrupted) state.error ??= allFailed(state);
  let exitCode =
    state.error !== null
      ? state.error.exitCode
      : decideExit({
          levels: state.summaries,
          headline: headlineLevel(state.summaries, slo),
          slo,
          failOnSlo: settings.failOnSlo,
          interrupted: state.interrupted,
          sustained: state.method?.result.sustained ?? null,
        });
  const atBudget = state.error?.code === 'BUDGET_REACHED';
  const status: Envelope['status'] =
    state.interrupted || atBudget
      ? 'partial'
      : noneOk
        ? 'failed'
        : state.error !== null
          ? 'partial'
          : 'complete';
  let envelope = buildEnvelope(state, { status, exitCode, clock: host.clock });

  let htmlPath: string | null = null;
  const problems: string[] = [];
  if (settings.html && state.runs.length > 0) {
    deps.emit({ kind: 'phase', name: 'report', message: htmlFile });
    htmlPath = join(outputDir, htmlFile);
    try {
      await writeFile(
        htmlPath,
        renderHtml({
          envelope,
          levels: state.runs,
          engineSamples: state.engineMetrics?.samples ?? [],
        }),
      );
    } catch (error) {
      problems.push(`Cannot write ${htmlPath}: ${messageOf(error)}`);
      exitCode = strongestExitCode([exitCode, 3]);
      htmlPath = null;
    }
  }
  if (settings.saveResult) {
    try {
      await saveVllmResults(state, envelope, host, outputDir);
    } catch (error) {
      problems.push(`Cannot write the --save-result files: ${messageOf(error)}`);
      exitCode = strongestExitCode([exitCode, 3]);
    }
  }
  try {
    envelope = await deps.writer.finish({ ...envelope, exitCode });
  } catch (error) {
    if (!isBenchError(error)) throw error;
    // What ended the run is said below.
    if (error.code !== state.error?.code) {
      problems.push(`${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}`);
    }
    exitCode = strongestExitCode([exitCode, error.exitCode]);
  }
  deps.closePanel();

  const shownDir = relative(host.cwd, outputDir) || '.';
  if (settings.json) {
    host.stdout.write(`${JSON.stringify(toStdoutObject(envelope, outputDir), null, 2)}\n`);
  } else if (state.summaries.length > 0) {
    host.stdout.write(
      `${renderSummary(envelope, {
        columns: host.stdout.isTTY ? host.stdout.columns : 100,
        color: host.stdout.isTTY && host.env['NO_COLOR'] === undefined,
        outputDir: shownDir,
        ...(htmlPath !== null && { htmlPath: relative(host.cwd, htmlPath) }),
      })}\n`,
    );
  }
  for (const problem of problems) host.stderr.write(`error: ${problem}\n`);
  if (state.error !== null) {
    const hint = state.error.hint === undefined ? '' : `\n  ${state.error.hint}`;
    host.stderr.write(
      redactText(
        `error: ${state.error.message}${hint}\n  (${state.error.code}, exit ${exitCode})\n`,
      ),
    );
  }
  host.stderr.write(`result: ${shownDir}\n`);
  return exitCode;
}

/** A run without one success is an error in words, not only a table of dashes. */
function allFailed(state: RunState): BenchError {
  const failures = state.runs
    .flatMap((run) => run.records)
    .filter((r) => r.outcome !== 'ok' && r.outcome !== 'cancelled');
  const counted = failures.filter((r) => r.counted);
  // A run that came no further than a lead-in has none that count.
  const failed = counted.length > 0 ? counted : failures;
  const [first] = failed;
  if (first !== undefined && isOwnShortage(first.error)) {
    return new BenchError(
      'PREREQ_SOCKETS',
      `None of ${failed.length} requests got a socket on this machine (${first.error}).`,
      { hint: 'Raise the limit on open files (ulimit -n), or lower the load.' },
    );
  }
  const why = first === undefined ? 'no reply' : `${first.outcome}: ${first.error ?? ''}`;
  const hint =
    first?.outcome === 'not_sse'
      ? 'Is this the base URL of an OpenAI-compatible API, with nothing in between that answers for it?'
      : first?.outcome === 'rate_limited'
        ? 'The server limits its callers: lower the load (--rate), or have the limit raised.'
        : 'Look at the server’s log; `bench doctor --endpoint URL` asks it step by step.';
  return new BenchError(
    'TARGET_ALL_FAILED',
    `None of ${failed.length} requests succeeded (${why}).`,
    {
      hint,
    },
  );
}

async function saveVllmResults(
  state: RunState,
  envelope: Envelope,
  host: Host,
  outputDir: string,
): Promise<void> {
  const { resultDir, label, saveDetailed } = state.settings;
  const dir = resultDir === null ? outputDir : resolve(host.cwd, resultDir);
  await mkdir(dir, { recursive: true });
  for (const run of state.runs) {
    const { fileName, json } = toVllmBenchJson(envelope, run, {
      label: label ?? envelope.engine.id,
      detailed: saveDetailed,
    });
    await writeFile(join(dir, fileName), `${JSON.stringify(json)}\n`);
  }
}
