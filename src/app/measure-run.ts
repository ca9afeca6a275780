import {
  createFileTokenCounter,
  createServerTokenCounter,
  resolveChunkTokens,
} from '../client/index.ts';
import { messageOf } from '../core/index.ts';
import type { RunLoad } from '../driver/index.ts';
import type {
  EmitRunEvent,
  LevelPlan,
  LevelSummary,
  RequestRecord,
  TokenCounter,
} from '../model/index.ts';
import type { ProtocolContext, TokenCheck } from '../protocols/index.ts';
import { budgetReached, withinBudget } from './budget/run-budget.ts';
import { quantOfName } from './describe-run.ts';
import { enforcesLength } from './enforce-length.ts';
import { findFile, loadWorkload } from './load-workload.ts';
import type { MeasureDeps } from './measure-deps.ts';
import type { Preflight } from './preflight.ts';
import { readResumable } from './resume-levels.ts';
import { runLevels } from './run-levels.ts';
import { buildEnvelope, isQuickLook, type RunState, slotsOf } from './run-state.ts';
import { startLaunch } from './start-launch.ts';
import { openTelemetry } from './telemetry/open-telemetry.ts';

/** From a target that may not even be installed to measured levels; fills `state` as it goes. */
export async function measureRun(state: RunState, deps: MeasureDeps): Promise<void> {
  const { host, emit, stop } = deps;
  const { settings } = state;
  const { clock } = host;
  const budgeted = (run: RunLoad) =>
    withinBudget(run, state.budget, () => {
      if (stop.signal.aborted) return;
      state.error = budgetReached(state.budget);
      emit({ kind: 'log', message: state.error.message });
      stop.abort(state.error);
    });
  const { file, fetchMs } = await findFile(state, deps);
  const first = await startLaunch(state, deps);
  const { opened, preflight } = first;
  state.preflight = preflight;
  state.findings.push(...opened.findings, ...preflight.findings);
  opened.model.quant ??= quantOfName(preflight.facts.weights) ?? quantOfName(preflight.servedModel);

  // From here a result that is killed still says what was measured.
  await deps.writer.checkpoint(buildEnvelope(state, { status: 'partial', exitCode: 130, clock }));
  // Every launch listens elsewhere: whoever counts asks the one under way.
  let counting = await openTokenCounter(state, preflight, deps);
  const counter: TokenCounter | null = counting && {
    source: counting.source,
    count: (texts) => (counting as TokenCounter).count(texts),
  };
  state.tokenizer = counter?.source ?? null;
  const makePlanner = await loadWorkload(state, deps, counter, file);

  const reuse = settings.resume === null ? null : await readResumable(settings.resume, state);
  const plans = new Map<number, LevelPlan>();

  let launch = first;
  const load = await launch.openLoad();
  state.transport = load.transport;
  // Records count from here; the label of that moment is the result's `startedAt`.
  const originUs = clock.nowUs();
  state.startedWallMs = clock.wallMs();
  const telemetry = await openTelemetry(state, deps, preflight.target, originUs).catch(
    async (error: unknown) => {
      await launch.closeLoad();
      throw error;
    },
  );
  state.power = telemetry.power;
  state.engineMetrics = telemetry.engine;
  try {
    const context: ProtocolContext = {
      clock,
      runLevel: budgeted(load.runLevel),
      prepare: load.prepare,
      patience: state.patience,
      originUs,
      runId: state.runId,
      seed: settings.seed,
      slo: state.slos[0] ?? null,
      slos: state.slos,
      maxErrorShare: settings.maxErrorShare,
      lengthEnforced: enforcesLength(preflight.target),
      quickLook: isQuickLook(settings),
      allowClientBottleneck: settings.allowClientBottleneck,
      signal: stop.signal,
      emit,
      resolveTokens: (records) => resolveTokens(records, counter, emit),
      onRecord: (record) => deps.writer.appendRecord(record),
      onLevel: async (run, summary: LevelSummary) => {
        state.runs.push(run);
        const plan = plans.get(run.index);
        if (plan !== undefined) state.prompts.addLevel(plan, run);
        plans.delete(run.index);
        state.summaries.push({ ...summary, ...(await telemetry.ofLevel(run)) });
        await deps.writer.checkpoint(
          buildEnvelope(state, { status: 'partial', exitCode: 130, clock }),
        );
      },
    };
    await (deps.conduct ?? runLevels)({
      context,
      settings,
      planner: makePlanner(settings.seed),
      ports: {
        onPlan: (plan, level) => {
          plans.set(level, plan);
          return deps.writer.writePlan(level, plan);
        },
        ...(reuse !== null && { reuse }),
        ...(opened.running !== null && {
          async relaunch(_launch, seed) {
            telemetry.engine.pause();
            await launch.close();
            launch = await startLaunch(state, deps);
            await telemetry.engine.retarget(launch.preflight.target);
            counting = (await openTokenCounter(state, launch.preflight, deps)) ?? counting;
            const { runLevel, prepare } = await launch.openLoad();
            return {
              readyMs: launch.opened.readyMs,
              firstRequestMs: launch.preflight.firstRequestMs,
              context: { runLevel: budgeted(runLevel), prepare },
              planner: makePlanner(seed),
            };
          },
        }),
      },
      slots: slotsOf(state),
      coldStart: { readyMs: opened.readyMs, firstRequestMs: preflight.firstRequestMs },
      deadlineUs:
        deps.commandStartUs + (settings.timeBudget * 1000 + fetchMs + opened.fetchMs) * 1000,
      onProgress: (method, findings) => {
        state.method = { result: method, findings };
      },
    });
  } finally {
    await telemetry.close();
    await launch.closeLoad();
  }
}

async function openTokenCounter(
  { settings, opened }: RunState,
  preflight: Preflight,
  deps: MeasureDeps,
): Promise<TokenCounter | null> {
  if (settings.tokenizer !== null) return createFileTokenCounter(settings.tokenizer);
  try {
    const counter = await createServerTokenCounter(preflight.target, { clock: deps.host.clock });
    if (counter !== null) return counter;
  } catch (error) {
    deps.emit({ kind: 'log', message: `no token counts from the server: ${messageOf(error)}` });
  }
  const file = opened?.tokenizerFile ?? null;
  return file === null ? null : createFileTokenCounter(file);
}

async function resolveTokens(
  records: readonly RequestRecord[],
  counter: TokenCounter | null,
  emit: EmitRunEvent,
): Promise<TokenCheck> {
  const sources = records.map((record) => record.tokenSource);
  const counts = Float64Array.from(records, (record) => record.outputTokensCounted ?? -1);
  const { crossCheck, counterError, malformed } = await resolveChunkTokens(records, counter);
  if (counterError !== null) {
    emit({ kind: 'log', message: `token counts could not be checked: ${counterError}` });
  }
  return {
    source: crossCheck?.source ?? null,
    requestsChecked: crossCheck?.requests ?? 0,
    disagreement: crossCheck?.disagreementShare ?? null,
    malformed,
    changed: records.filter(
      ({ tokenSource, outputTokensCounted }, i) =>
        tokenSource !== sources[i] || (outputTokensCounted ?? -1) !== counts[i],
    ),
  };
}
