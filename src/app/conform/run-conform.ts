import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileTokenCounter } from '../../client/index.ts';
import {
  closesConnections,
  createProbeContexts,
  type ProbeSizes,
  runProbes,
} from '../../conform/index.ts';
import {
  BenchError,
  ExitCode,
  type Host,
  redactText,
  strongestExitCode,
} from '../../core/index.ts';
import type { EmitRunEvent } from '../../model/index.ts';
import { createLivePanel, createPlainReporter } from '../../report/index.ts';
import { checkEngineAsked, engineContext, type OpenedTarget, openTarget } from '../open-target.ts';
import { runPreflight } from '../preflight.ts';
import { withApiKey } from '../with-api-key.ts';
import { chooseRows, missingRequired } from './choose-rows.ts';
import type { ConformSettings } from './conform-settings.ts';
import { describeServer, draftConformance } from './describe-server.ts';
import { checkOutputName, printConformance, writeConformance } from './print-conformance.ts';
import { openReadings } from './read-engine.ts';

/** Enough to tell, and little enough for a server of ten tokens a second. */
const usualSizes: ProbeSizes = {
  tokens: 16,
  stopTokens: 48,
  longS: 4,
  longTokens: 400,
  prefillS: 1,
  pairs: 4,
  parallel: 16,
};

/**
 * `bench conform`: what a server does and does not do, row by row. Exit 0 whatever it is; 4 when no
 * generation succeeded; 5 when a required row is not `yes`; 130 when interrupted, with the rows that
 * were decided.
 *
 * @throws BenchError USAGE_*, PREREQ_*, ENGINE_*, TARGET_*: before a row could be asked
 */
export async function runConform(asked: ConformSettings, host: Host): Promise<ExitCode> {
  const settings = withApiKey(asked, host.env);
  const chosen = chooseRows(settings);
  checkOutputName(settings.output);
  checkEngineAsked(settings);
  const { clock } = host;
  const tokenizer =
    settings.tokenizer === null ? null : await createFileTokenCounter(settings.tokenizer);
  const reporter = host.stderr.isTTY
    ? createLivePanel(host.stderr, clock)
    : createPlainReporter(host.stderr);
  const emit: EmitRunEvent = (event) =>
    reporter.handle('message' in event ? { ...event, message: redactText(event.message) } : event);
  const stop = new AbortController();
  const off = host.onInterrupt((signal) => {
    if (stop.signal.aborted) return;
    emit({ kind: 'log', message: `${signal}: stopping; what was found out is printed` });
    stop.abort(new BenchError('INTERRUPTED', `Interrupted by ${signal}.`));
  });
  const logDir = await mkdtemp(join(tmpdir(), 'bench-conform-'));
  const draft = draftConformance(settings, host);
  let opened: OpenedTarget | null = null;
  try {
    opened = await openTarget(
      {
        ...{ ...settings, replica: [], balance: 'round-robin', http2: false },
        ...{ connectionReuse: 'auto', transport: 'undici', ioThreads: 1, hardware: null },
        ...{ quant: null, temperature: 0, ignoreEos: true },
      },
      engineContext(host, emit, stop.signal),
      logDir,
      // As it stands: not with what a measurement would ask of it.
      () => ({}),
    );
    emit({
      kind: 'phase',
      name: 'preflight',
      message: `one small request to ${opened.client.url}`,
    });
    const { target, facts, firstRequestMs } = await runPreflight({
      target: opened.client,
      api: settings.api,
      prefersChat: true,
      connectionReuse: 'pooled',
      model: opened.running?.modelName ?? settings.model,
      clock,
      signal: stop.signal,
    });
    const readings = openReadings(target, clock);
    const server = describeServer(opened, facts, target);
    const contexts = createProbeContexts(
      {
        ...{ target, tokenizer, slots: server.slots, contextTokens: server.contextTokens },
        readEngine: () => readings.read(),
        closesConnections: () => closesConnections(target, { clock, signal: stop.signal }),
      },
      {
        ...{ clock, sizes: usualSizes, requestTimeoutMs: settings.requestTimeout * 1000 },
        salt: clock.wallMs(),
      },
    );
    const { rows, complete } = await runProbes(chosen.probes, contexts, {
      ...{ clock, signal: stop.signal },
      probeLimitMs: settings.familyTimeout * 1000,
      wholeLimitMs: settings.timeLimit * 1000,
      onProbe: ({ id, rows: asked }) =>
        emit({ kind: 'log', message: `${id}: ${asked.length} rows` }),
    });
    void contexts.close();
    void readings.close();
    const missing = missingRequired(rows, settings.require);
    const silent = firstRequestMs === null && contexts.generated === 0;
    const exitCode = strongestExitCode([
      ...(stop.signal.aborted ? [ExitCode.interrupted] : []),
      ...(silent ? [ExitCode.target] : []),
      ...(missing.length > 0 ? [ExitCode.slo] : []),
    ]);
    const conformance = {
      ...draft,
      ...{ server, rows, exitCode, api: target.api, requests: contexts.requests },
      endedAt: new Date(clock.wallMs()).toISOString(),
      status: complete ? ('complete' as const) : ('partial' as const),
    };
    reporter.close();
    if (settings.output !== null) await writeConformance(conformance, settings.output, host);
    printConformance(conformance, settings, host);
    for (const { id, verdict } of missing) {
      host.stderr.write(`required: ${id} is ${verdict}, not yes\n`);
    }
    if (silent) {
      host.stderr.write(
        `error: no generation succeeded (exit ${ExitCode.target}): look at the server’s log; rows about replies say nothing of it.\n`,
      );
    }
    return exitCode;
  } finally {
    off();
    reporter.close();
    await closeTarget(opened, logDir, emit);
  }
}

/** The log of an engine that never came up is kept: its error names it. */
async function closeTarget(
  opened: OpenedTarget | null,
  logDir: string,
  emit: EmitRunEvent,
): Promise<void> {
  if (opened === null) return;
  try {
    await opened.close();
  } catch (error) {
    emit({ kind: 'log', message: `warning: the engine did not stop cleanly: ${String(error)}` });
  }
  await rm(logDir, { recursive: true, force: true });
}
