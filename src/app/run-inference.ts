import { join, resolve } from 'node:path';
import { BenchError, type ExitCode, type Host, redactText } from '../core/index.ts';
import {
  describeEnvironment,
  freeDiskBytes,
  gitState,
  packageVersion,
  readClockStepUs,
  readOpenFileLimit,
  watchCpu,
  watchEventLoop,
} from '../host/index.ts';
import type { EmitRunEvent } from '../model/index.ts';
import { createPatience } from '../protocols/index.ts';
import { createLivePanel, createPlainReporter, type RunReporter } from '../report/index.ts';
import { createRunId, createRunWriter } from '../results/index.ts';
import { meanLength, parseArrival } from '../workload/index.ts';
import { openBudget } from './budget/open-budget.ts';
import { checkMachine } from './check-machine.ts';
import { readPrices } from './cost/read-prices.ts';
import { finishRun } from './finish-run.ts';
import { measureRun } from './measure-run.ts';
import { checkEngineAsked, engineContext } from './open-target.ts';
import { parseSlos } from './parse-slo.ts';
import { createPromptTally } from './prompt-tally.ts';
import type { LevelsInput } from './run-levels.ts';
import { buildEnvelope, isQuickLook, type RunState, toBenchError } from './run-state.ts';
import { readSelftest } from './selftest/selftest-cache.ts';
import type { RunSettings } from './settings.ts';
import { withApiKey } from './with-api-key.ts';
import { resolveWorkload } from './workload-asked.ts';

/** What a run is told that is one of several of a larger command. */
export interface RunPart {
  /** Takes the place of the host's streams. */
  emit?: EmitRunEvent;
  /** Measures something else than the levels that the settings ask for. */
  conduct?: (input: LevelsInput) => Promise<void>;
}

/**
 * `bench run llm.inference`: opens the target, measures it, and leaves a result folder, whatever
 * happens in between. Output goes to the host's streams.
 *
 * @throws BenchError only before the result folder exists: USAGE_*, RESULT_*
 */
export async function runInference(
  asked: RunSettings,
  host: Host,
  part: RunPart = {},
): Promise<ExitCode> {
  const { clock } = host;
  const settings = withApiKey(asked, host.env);
  const arrival = parseArrival(settings.arrival);
  const workload = resolveWorkload(settings, isQuickLook(settings));
  const slos = parseSlos(settings.sloTemplate, settings.slo);
  checkEngineAsked(settings);
  const prices = await readPrices(settings.prices, host.cwd);
  const budget = openBudget(settings, prices, host);

  const commandStartUs = clock.nowUs();
  const runId = createRunId(clock);
  const outputDir = resolve(host.cwd, settings.output ?? join('bench-results', runId));
  const reporter: RunReporter =
    part.emit !== undefined
      ? { handle: part.emit, close: () => {} }
      : host.stderr.isTTY
        ? createLivePanel(host.stderr, clock)
        : createPlainReporter(host.stderr);
  // A message may quote an URL with a password in it.
  const emit: EmitRunEvent = (event) =>
    reporter.handle('message' in event ? { ...event, message: redactText(event.message) } : event);
  const [environment, git] = await Promise.all([describeEnvironment(), gitState(host.cwd)]);
  const state: RunState = {
    runId,
    settings,
    argv: ['bench', ...host.argv],
    startedWallMs: clock.wallMs(),
    environment,
    git,
    slos,
    workload,
    opened: null,
    preflight: null,
    fitted: null,
    lengthCheck: null,
    prompts: createPromptTally(),
    tokenizer: null,
    transport: 'none',
    client: null,
    selftest: null,
    runs: [],
    summaries: [],
    findings: [],
    prices,
    budget,
    patience: createPatience(clock),
    interrupted: false,
    closing: false,
    error: null,
  };
  state.selftest = await readSelftest(
    engineContext(host, emit),
    state.environment.hostnameHash,
    packageVersion(),
  );
  const stop = new AbortController();
  const writer = await createRunWriter(outputDir, {
    runId,
    // Load whose records nobody can keep is not worth sending: what is stored so far is the result.
    onProblem(problem) {
      emit({ kind: 'log', message: `stopping: ${problem.message}` });
      state.error ??= problem;
      stop.abort(problem);
    },
  });

  state.findings.push(
    ...checkMachine(settings, meanLength(workload.outputTokens), state.environment, {
      openFileLimit: readOpenFileLimit(),
      freeDiskBytes: await freeDiskBytes(outputDir),
      clockStepUs: readClockStepUs(clock),
    }),
  );

  const offInterrupt = host.onInterrupt((signal) => {
    if (stop.signal.aborted) return;
    emit({ kind: 'log', message: `${signal}: stopping; what was measured is kept` });
    stop.abort(new BenchError('INTERRUPTED', `Interrupted by ${signal}.`));
  });
  const loop = watchEventLoop();
  const cpu = watchCpu();
  try {
    await writer.checkpoint(buildEnvelope(state, { status: 'partial', exitCode: 130, clock }));
    const { conduct } = part;
    await measureRun(state, {
      ...{ host, emit, writer, stop, arrival, outputDir, commandStartUs },
      ...(conduct && { conduct }),
    });
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
