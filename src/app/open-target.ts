import { stat } from 'node:fs/promises';
import { arch, availableParallelism, homedir, platform } from 'node:os';
import { join } from 'node:path';
import { type ClientTarget, defaultTarget, proxyFromEnv } from '../client/index.ts';
import { BenchError, type Host, redactText } from '../core/index.ts';
import {
  cacheLayout,
  type EngineContext,
  findEngine,
  type RunningEngine,
  refuseAddressArgs,
  type SourceOffer,
} from '../engines/index.ts';
import type { EmitRunEvent, EngineInfo, Finding, ModelInfo } from '../model/index.ts';
import { configHashOf } from './config-hash.ts';
import { leaveLengthsToModel } from './own-lengths.ts';
import type {
  RunSettings,
  StartedEngineSettings,
  TargetSettings,
  WorkloadSettings,
} from './settings.ts';

/** What has to be known to open a target. */
export type OpenSettings = TargetSettings &
  StartedEngineSettings &
  Pick<WorkloadSettings, 'temperature' | 'ignoreEos'>;

/** Makes the request fields of an engine that was started of those that it wants. */
export type ChooseBody = (
  engineDefaults: Readonly<Record<string, unknown>>,
) => Record<string, unknown>;

/** What is measured: an engine that this run started, or an endpoint that was there. */
export interface OpenedTarget {
  client: ClientTarget;
  engine: EngineInfo;
  model: ModelInfo;
  running: RunningEngine | null;
  readyMs: number | null;
  /** Time spent fetching engine and model: not part of a time budget. */
  fetchMs: number;
  /** Of the model that is served, where its folder is on this machine. */
  tokenizerFile: string | null;
  /** Why there is no metrics page to look for; null = there may be one. */
  noMetricsReason: string | null;
  /** What this engine does not do of what was asked for. */
  findings: Finding[];
  /** Everything that must never be shown. */
  secrets: string[];
  close(): Promise<void>;
}

export const engineLogFile = 'engine.log';

export function engineContext(host: Host, emit: EmitRunEvent, signal?: AbortSignal): EngineContext {
  return {
    env: host.env,
    platform: platform(),
    arch: arch(),
    cpuCount: availableParallelism(),
    home: host.env['HOME'] ?? homedir(),
    clock: host.clock,
    emit,
    ...(signal && { signal }),
  };
}

/**
 * What can be said about the engine asked for before anything is touched.
 *
 * @throws BenchError USAGE_UNKNOWN_ENGINE, USAGE_NO_MODEL, USAGE_ENGINE_ARG
 */
export function checkEngineAsked(
  settings: Pick<RunSettings, 'engine' | 'model' | 'modelPath' | 'engineArg'>,
): void {
  if (settings.engine === null) return;
  const engine = findEngine(settings.engine);
  refuseAddressArgs(engine, settings.engineArg);
  if (settings.model !== null || settings.modelPath !== null) return;
  throw new BenchError('USAGE_NO_MODEL', `--engine ${engine.id} needs a model.`, {
    hint: modelHint(engine.models.list().map(({ id }) => `--model ${id}`)),
  });
}

function modelHint(known: readonly string[]): string {
  const own = '--model-path FILE for one of your own.';
  return known.length === 0
    ? `Give --model ID, or ${own}`
    : `Known: ${known.join(', ')}; or ${own}`;
}

/** @throws BenchError PREREQ_*, ENGINE_*, USAGE_* */
export async function openTarget(
  settings: OpenSettings,
  ctx: EngineContext,
  outputDir: string,
  chooseBody: ChooseBody = (defaults) => ({ ...defaults }),
): Promise<OpenedTarget> {
  return settings.engine === null
    ? openEndpoint(settings, ctx)
    : startEngineTarget(settings, settings.engine, { ctx, outputDir, chooseBody });
}

function openEndpoint(settings: OpenSettings, ctx: EngineContext): OpenedTarget {
  const url = settings.endpoint ?? '';
  const client = clientTarget(settings, url, settings.model ?? '', {});
  const proxy = settings.proxy === 'env' ? proxyFromEnv(url, ctx.env) : settings.proxy;
  const urls = settings.replica.length === 0 ? [] : [url, ...settings.replica];
  return {
    client: { ...client, urls, balance: settings.balance, http2: settings.http2, proxy },
    engine: {
      id: null,
      version: null,
      started: false,
      commandLine: null,
      configHash: null,
      settings: {},
      log: null,
    },
    model: {
      asked: settings.model ?? '',
      served: null,
      quantAsked: settings.quant,
      quant: null,
      file: null,
    },
    running: null,
    readyMs: null,
    fetchMs: 0,
    tokenizerFile: null,
    noMetricsReason: null,
    findings: [],
    secrets: secretsOf(settings),
    close: async () => {},
  };
}

async function startEngineTarget(
  settings: OpenSettings,
  name: string,
  deps: { ctx: EngineContext; outputDir: string; chooseBody: ChooseBody },
): Promise<OpenedTarget> {
  const { ctx, outputDir, chooseBody } = deps;
  const engine = findEngine(name);
  const fetchStartUs = ctx.clock.nowUs();
  const { installed, model } = await fetchEngineAndModel(settings, name, ctx);
  const fetchMs = (ctx.clock.nowUs() - fetchStartUs) / 1000;

  const slots = settings.slots ?? engine.defaults.slots;
  const perSlot = settings.contextTokens ?? Math.floor(engine.defaults.contextTokens / slots);
  ctx.emit({
    kind: 'phase',
    name: 'engine',
    message: `starting ${engine.id} ${installed.version} with ${model.id}${model.quant === null ? '' : ` @ ${model.quant}`}`,
  });
  const running = await engine.start(ctx, installed, {
    modelPath: model.path,
    modelName: settings.model ?? model.id,
    host: '127.0.0.1',
    port: 0,
    slots,
    contextTokens: perSlot * slots,
    threads: settings.threads,
    logPath: join(outputDir, engineLogFile),
    extraArgs: settings.engineArg,
    startupTimeoutMs: engine.defaults.startupTimeoutMs,
  });
  ctx.emit({
    kind: 'log',
    message: `ready after ${(running.readyMs / 1000).toFixed(1)} s: ${slotsInWords(running.slots, slots)}, ${running.threads === null ? '' : `${running.threads} threads, `}${running.baseUrl}`,
  });
  const client = clientTarget(
    settings,
    running.baseUrl,
    running.modelName,
    chooseBody(running.bodyDefaults),
  );
  const { environment } = running;
  const adapted = leaveLengthsToModel(client, engine);
  return {
    client: adapted?.target ?? client,
    engine: {
      id: engine.id,
      version: running.version,
      started: true,
      commandLine: running.commandLine.map((part) => redactText(part)),
      configHash: configHashOf(running),
      settings: {
        ...(await running.settings()),
        slots: running.slots,
        threads: running.threads,
        isolation: running.isolation,
        source: installed.source,
        ...(environment && {
          environment: environment.set,
          environment_of_user: environment.ofUser,
        }),
      },
      log: engineLogFile,
    },
    model: {
      asked: settings.model ?? model.id,
      served: running.modelName,
      quantAsked: settings.quant,
      quant: model.quant,
      file:
        model.bytes === null
          ? null
          : { path: model.path, bytes: model.bytes, sha256: model.sha256 },
    },
    running,
    readyMs: running.readyMs,
    fetchMs,
    tokenizerFile: await tokenizerIn(model.path),
    noMetricsReason: engine.capabilities.metrics ? null : `not offered by ${engine.title}`,
    findings: [...running.findings, ...(adapted === null ? [] : [adapted.finding])],
    secrets: secretsOf(settings),
    close: async () => {
      await running.stop();
    },
  };
}

const slotsInWords = (slots: number, asked: number) =>
  slots === asked ? `${slots} slots` : `${slots} slots, told by the server (${asked} asked for)`;

async function tokenizerIn(modelPath: string): Promise<string | null> {
  const file = join(modelPath, 'tokenizer.json');
  return (await stat(file).catch(() => null)) === null ? null : file;
}

/** Finds engine and model on this machine, and fetches what is missing after saying so. */
export async function fetchEngineAndModel(
  settings: Pick<RunSettings, 'enginePath' | 'model' | 'modelPath' | 'quant' | 'engineArg'>,
  name: string,
  ctx: EngineContext,
) {
  const engine = findEngine(name);
  refuseAddressArgs(engine, settings.engineArg);
  const located = await engine.locate(ctx, {
    ...(settings.enginePath !== null && { enginePath: settings.enginePath }),
  });
  if (located === null) {
    for (const rejected of (await engine.rejected?.(ctx)) ?? []) {
      ctx.emit({ kind: 'log', message: `not taken: ${rejected}` });
    }
    announce(ctx, engine.id, await engine.sources(ctx));
  }
  const installed = located ?? (await engine.install(ctx));
  const id = settings.model ?? '';
  const find = {
    ...(settings.modelPath !== null && { modelPath: settings.modelPath }),
    ...(settings.quant !== null && { quant: settings.quant }),
    servedBy: installed.path,
  };
  const local = await engine.models.locate(ctx, id, find);
  if (local === null) announce(ctx, id, await engine.models.sources(ctx, id));
  const model = local ?? (await engine.models.pull(ctx, id, find));
  return { engine, installed, model };
}

/** Says what is about to be fetched, from where and how large it is, before a byte moves. */
export function announce(ctx: EngineContext, what: string, offers: readonly SourceOffer[]): void {
  const usable = offers.filter((offer) => offer.unavailable === null);
  // The error that follows says why there is none.
  if (usable.length === 0) return;
  const described = usable.map(({ what: item, from, bytes }) => {
    const size = bytes === null ? '' : `, ${(bytes / 1e6).toFixed(0)} MB`;
    return `${item} from ${from}${size}`;
  });
  ctx.emit({
    kind: 'phase',
    name: 'install',
    message: `${what} is not on this machine; fetching into ${cacheLayout(ctx).root} the first that answers: ${described.join('; or ')}`,
  });
}

function clientTarget(
  settings: OpenSettings,
  url: string,
  model: string,
  bodyDefaults: Readonly<Record<string, unknown>>,
): ClientTarget {
  return {
    ...defaultTarget,
    url,
    // Preflight decides where the user leaves it open.
    api: settings.api === 'chat' ? 'chat' : 'completions',
    model,
    headers: {
      ...(settings.apiKey !== null && { authorization: `Bearer ${settings.apiKey}` }),
      ...settings.header,
    },
    extraBody: { ...bodyDefaults, ...settings.extraBody },
    temperature: settings.temperature,
    ignoreEos: settings.ignoreEos,
    continuousUsage: true,
    insecureTls: settings.insecure,
    timeouts: {
      connectMs: settings.connectTimeout * 1000,
      firstTokenMs: null,
      totalMs: settings.requestTimeout * 1000,
    },
    connectionReuse: settings.connectionReuse === 'never' ? 'never' : 'pooled',
  };
}

function secretsOf(settings: Pick<TargetSettings, 'apiKey'>): string[] {
  return settings.apiKey === null ? [] : [settings.apiKey];
}
