import {
  createFileTokenCounter,
  createServerTokenCounter,
  resolveChunkTokens,
} from '../client/index.ts';
import { BenchError, type Host, messageOf } from '../core/index.ts';
import { createLoadRunner } from '../loadgen/index.ts';
import type {
  ArrivalSpec,
  EmitRunEvent,
  LevelSummary,
  RequestRecord,
  TokenCounter,
} from '../model/index.ts';
import type { ProtocolContext, TokenCheck } from '../protocols/index.ts';
import type { RunWriter } from '../results/index.ts';
import { parseDataset } from '../workload/index.ts';
import { quantOfName } from './describe-run.ts';
import { engineContext, openTarget } from './open-target.ts';
import { runPreflight } from './preflight.ts';
import { runLevels } from './run-levels.ts';
import { buildEnvelope, isQuickLook, type RunState } from './run-state.ts';

export interface MeasureDeps {
  host: Host;
  emit: EmitRunEvent;
  writer: RunWriter;
  /** Aborted by the user, or from here when the engine dies. */
  stop: AbortController;
  arrival: ArrivalSpec;
  outputDir: string;
  /** When the command began, on the host's clock. */
  commandStartUs: number;
}

/** From a target that may not even be installed to measured levels; fills `state` as it goes. */
export async function measureRun(state: RunState, deps: MeasureDeps): Promise<void> {
  const { host, emit, stop } = deps;
  const { settings } = state;
  const { clock } = host;
  const opened = await openTarget(settings, engineContext(host, emit, stop.signal), deps.outputDir);
  state.opened = opened;
  void opened.running?.exited.then((end) => {
    if (stop.signal.aborted || state.closing) return;
    state.error = new BenchError(
      'ENGINE_CRASHED',
      `The engine ended while it was measured: ${end.message}`,
      { hint: `Its log is ${deps.outputDir}/engine.log.` },
    );
    stop.abort(state.error);
  });

  emit({ kind: 'phase', name: 'preflight', message: `one small request to ${opened.client.url}` });
  const preflight = await runPreflight({
    target: opened.client,
    api: settings.api,
    connectionReuse: settings.connectionReuse,
    model: opened.running?.modelName ?? settings.model,
    clock,
    signal: stop.signal,
  });
  state.preflight = preflight;
  state.findings.push(...preflight.findings);
  opened.model.quant ??= quantOfName(preflight.facts.weights) ?? quantOfName(preflight.servedModel);

  // From here a result that is killed still says what was measured.
  await deps.writer.checkpoint(buildEnvelope(state, { status: 'partial', exitCode: 130, clock }));
  const counter = await openTokenCounter(state, deps);
  state.tokenizer = counter?.source ?? null;
  const { dataset, path } = parseDataset(settings.dataset);
  state.dataset = await dataset.load({ counter, path });

  // Sockets, pacing and stamps in a thread of their own: nothing done in this one moves a stamp.
  const load = await createLoadRunner({
    target: preflight.target,
    clock,
    transport: settings.transport,
  });
  state.transport = load.transport;
  try {
    const context: ProtocolContext = {
      clock,
      runLevel: load.runLevel,
      prepare: load.prepare,
      originUs: clock.nowUs(),
      runId: state.runId,
      seed: settings.seed,
      slo: state.slo,
      maxErrorShare: settings.maxErrorShare,
      lengthEnforced: settings.ignoreEos && !preflight.target.droppedFields.includes('ignore_eos'),
      quickLook: isQuickLook(settings),
      allowClientBottleneck: settings.allowClientBottleneck,
      signal: stop.signal,
      emit,
      resolveTokens: (records) => resolveTokens(records, counter, emit),
      onRecord: (record) => deps.writer.appendRecord(record),
      onLevel: async (run, summary: LevelSummary) => {
        state.runs.push(run);
        state.summaries.push(summary);
        await deps.writer.checkpoint(
          buildEnvelope(state, { status: 'partial', exitCode: 130, clock }),
        );
      },
    };
    // Records count from here; the label of that moment is the result's `startedAt`.
    state.startedWallMs = clock.wallMs();
    const { findings } = await runLevels({
      context,
      settings,
      dataset: state.dataset,
      arrival: deps.arrival,
      inputTokens: state.inputTokens,
      outputTokens: state.outputTokens,
      slots: preflight.facts.slots ?? opened.running?.slots ?? null,
      deadlineUs: deps.commandStartUs + (settings.timeBudget * 1000 + opened.fetchMs) * 1000,
      onPlan: async (plan, level) => deps.writer.writePlan(level, plan),
    });
    state.findings.push(...findings);
  } finally {
    await load.close();
  }
}

async function openTokenCounter(state: RunState, deps: MeasureDeps): Promise<TokenCounter | null> {
  const { settings, preflight } = state;
  if (settings.tokenizer !== null) return createFileTokenCounter(settings.tokenizer);
  if (preflight === null) return null;
  try {
    return await createServerTokenCounter(preflight.target, { clock: deps.host.clock });
  } catch (error) {
    deps.emit({ kind: 'log', message: `no token counts from the server: ${messageOf(error)}` });
    return null;
  }
}

async function resolveTokens(
  records: readonly RequestRecord[],
  counter: TokenCounter | null,
  emit: EmitRunEvent,
): Promise<TokenCheck> {
  const before = records.map((r) => `${r.tokenSource} ${r.outputTokensCounted}`);
  const { crossCheck, counterError } = await resolveChunkTokens(records, counter);
  if (counterError !== null) {
    emit({ kind: 'log', message: `token counts could not be checked: ${counterError}` });
  }
  return {
    source: crossCheck?.source ?? null,
    requestsChecked: crossCheck?.requests ?? 0,
    disagreement: crossCheck?.disagreementShare ?? null,
    changed: records.filter((r, i) => `${r.tokenSource} ${r.outputTokensCounted}` !== before[i]),
  };
}
