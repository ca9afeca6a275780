import { join, resolve } from 'node:path';
import { BenchError, type ExitCode, type Host, redactText } from '../core/index.ts';
import {
  describeEnvironment,
  gitState,
  packageVersion,
  watchCpu,
  watchEventLoop,
} from '../host/index.ts';
import type { EmitRunEvent } from '../model/index.ts';
import { createLivePanel, createPlainReporter } from '../report/index.ts';
import { createRunId, createRunWriter } from '../results/index.ts';
import { parseArrival, parseDataset, parseLengthSpec } from '../workload/index.ts';
import { finishRun } from './finish-run.ts';
import { measureRun } from './measure-run.ts';
import { checkEngineAsked, engineContext } from './open-target.ts';
import { buildEnvelope, findSlo, isQuickLook, type RunState, toBenchError } from './run-state.ts';
import { readSelftest } from './selftest/selftest-cache.ts';
import type { RunSettings } from './settings.ts';

/**
 * `bench run llm.inference`: opens the target, measures it, and leaves a result folder, whatever
 * happens in between. Output goes to the host's streams.
 *
 * @throws BenchError only before the result folder exists: USAGE_*, RESULT_*
 */
export async function runInference(settings: RunSettings, host: Host): Promise<ExitCode> {
  const { clock } = host;
  const quick = isQuickLook(settings);
  const arrival = parseArrival(settings.arrival);
  const inputTokens = parseLengthSpec(
    settings.inputTokens ?? (quick ? '32' : '128'),
    '--input-tokens',
  );
  const outputTokens = parseLengthSpec(
    settings.outputTokens ?? (quick ? '16' : '64'),
    '--output-tokens',
  );
  const slo = findSlo(settings.sloTemplate);
  parseDataset(settings.dataset);
  checkEngineAsked(settings);

  const commandStartUs = clock.nowUs();
  const runId = createRunId(clock);
  const outputDir = resolve(host.cwd, settings.output ?? join('bench-results', runId));
  const reporter = host.stderr.isTTY
    ? createLivePanel(host.stderr, clock)
    : createPlainReporter(host.stderr);
  // A message may quote an URL with a password in it.
  const emit: EmitRunEvent = (event) =>
    reporter.handle('message' in event ? { ...event, message: redactText(event.message) } : event);
  const state: RunState = {
    runId,
    settings,
    argv: ['bench', ...host.argv],
    startedWallMs: clock.wallMs(),
    environment: await describeEnvironment(),
    git: await gitState(host.cwd),
    slo,
    inputTokens,
    outputTokens,
    opened: null,
    preflight: null,
    dataset: null,
    tokenizer: null,
    transport: 'none',
    client: null,
    selftest: null,
    runs: [],
    summaries: [],
    findings: [],
    interrupted: false,
    closing: false,
    error: null,
  };
  state.selftest = await readSelftest(
    engineContext(host, emit),
    state.environment.hostnameHash,
    packageVersion(),
  );
  const writer = await createRunWriter(outputDir, {
    runId,
    onProblem: (problem) => emit({ kind: 'log', message: `warning: ${problem.message}` }),
  });

  const stop = new AbortController();
  const offInterrupt = host.onInterrupt((signal) => {
    if (stop.signal.aborted) return;
    emit({ kind: 'log', message: `${signal}: stopping; what was measured is kept` });
    stop.abort(new BenchError('INTERRUPTED', `Interrupted by ${signal}.`));
  });
  const loop = watchEventLoop();
  const cpu = watchCpu();
  try {
    await writer.checkpoint(buildEnvelope(state, { status: 'partial', exitCode: 130, clock }));
    await measureRun(state, { host, emit, writer, stop, arrival, outputDir, commandStartUs });
  } catch (error) {
    if (!stop.signal.aborted || state.error !== null) state.error ??= toBenchError(error);
  } finally {
    state.closing = true;
    const figures = cpu.read();
    state.client = {
      loop: loop.stop(),
      cpuShare: figures.cpuShare,
      machineBusyShare: figures.machineBusyShare,
    };
    state.interrupted = stop.signal.aborted && state.error === null;
    try {
      await state.opened?.close();
    } catch (error) {
      emit({ kind: 'log', message: `warning: the engine did not stop cleanly: ${String(error)}` });
    }
    offInterrupt();
  }
  return finishRun(state, { host, writer, emit, closePanel: () => reporter.close(), outputDir });
}
