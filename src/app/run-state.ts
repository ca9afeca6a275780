import { urlsOf } from '../client/index.ts';
import {
  asOwnLimit,
  BenchError,
  type Clock,
  isBenchError,
  messageOf,
  redactText,
} from '../core/index.ts';
import { packageVersion } from '../host/index.ts';
import { metricKeys } from '../metrics/index.ts';
import {
  type EngineInfo,
  type Envelope,
  type Environment,
  type Finding,
  type LevelMetrics,
  type LevelRun,
  type LevelSummary,
  type PowerInfo,
  type RunMethod,
  type Selftest,
  type SloTemplate,
} from '../model/index.ts';
import { headlineLevel, headlineMetrics, type Patience } from '../protocols/index.ts';
import type { RunBudget } from './budget/run-budget.ts';
import { completeEnvelope } from './complete-envelope.ts';
import { findPrice } from './cost/find-price.ts';
import type { PriceRow } from './cost/read-prices.ts';
import {
  type ClientFigures,
  checkHardware,
  checkQuant,
  checkSharedHost,
  describeClient,
  describeHardware,
  isLocalUrl,
} from './describe-run.ts';
import { describeWorkload, type WorkloadState } from './describe-workload.ts';
import type { OpenedTarget } from './open-target.ts';
import type { RunSettings } from './settings.ts';
import { checkSystem, describeSystem } from './system/describe-system.ts';
import { judgeDevices } from './system/judge-devices.ts';
import { engineFindings } from './telemetry/engine-findings.ts';
import type { EngineTelemetry } from './telemetry/engine-telemetry.ts';
import { judgeMachine } from './telemetry/watch-machine.ts';

/** Everything a run knows so far; the envelope is a view of it at any moment. */
export interface RunState extends WorkloadState {
  runId: string;
  argv: string[];
  startedWallMs: number;
  environment: Environment;
  git: { commit: string; dirty: boolean } | null;
  /** The first decides the headline. */
  slos: SloTemplate[];
  opened: OpenedTarget | null;
  transport: string;
  client: ClientFigures | null;
  selftest: Selftest | null;
  runs: LevelRun[];
  summaries: LevelSummary[];
  findings: Finding[];
  /** Where a price may be found. */
  prices: PriceRow[];
  /** What every request comes to. */
  budget: RunBudget;
  /** What the server asked to be waited for. */
  patience: Patience;
  /** Absent until the target is known. */
  power?: PowerInfo;
  /** Absent until the engine's metrics were looked for. */
  engineMetrics?: Pick<EngineTelemetry, 'info' | 'findings' | 'samples'>;
  /** How the run is conducted, with the doubts about that, as far as it has come. */
  method?: { result: RunMethod; findings: readonly Finding[] };
  interrupted: boolean;
  /** The run is over: what was started is being stopped. */
  closing: boolean;
  error: BenchError | null;
}

/** No load was given: the run sizes itself by the time budget. */
export function isQuickLook(settings: RunSettings): boolean {
  return (
    settings.rate === null &&
    settings.concurrency === null &&
    settings.maxConcurrency === null &&
    settings.sweep === null
  );
}

export function emptyMetrics(): LevelMetrics {
  return {
    values: Object.fromEntries(metricKeys().map((key) => [key, null])),
    intervals: {},
    flags: {},
    chunkSizes: {},
    outcomes: {},
  };
}

export function toBenchError(error: unknown): BenchError {
  const limit = asOwnLimit(error);
  if (limit !== null) return limit;
  if (isBenchError(error)) return error;
  const stack = error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
  return new BenchError('BUG', redactText(stack));
}

export interface EnvelopeMoment {
  status: Envelope['status'];
  exitCode: number;
  clock: Clock;
}

export function buildEnvelope(state: RunState, moment: EnvelopeMoment): Envelope {
  const { settings, opened, preflight, environment, summaries } = state;
  const url = preflight?.target.url ?? opened?.client.url ?? settings.endpoint ?? '';
  const local = url === '' || isLocalUrl(url);
  const headline = headlineLevel(summaries, state.slos[0] ?? null);
  const target = preflight?.target ?? opened?.client ?? null;
  const model = {
    ...(opened?.model ?? {
      asked: settings.model ?? '',
      served: null,
      quantAsked: settings.quant,
      quant: null,
      file: null,
    }),
  };
  if (model.asked === '') model.asked = target?.model ?? '';
  if (model.served === null) model.served = preflight?.servedModel ?? null;
  const engine = engineOf(state);
  const systemFacts = { settings, environment, isLocal: local, engine, model };
  const system = describeSystem(systemFacts);
  const startedAt = isoTime(state.startedWallMs);
  const envelope: Envelope = {
    schema: 'inferencebench.envelope.v1',
    runId: state.runId,
    status: moment.status,
    exitCode: moment.exitCode,
    quickLook: isQuickLook(settings),
    tool: {
      name: 'inferencebench',
      version: packageVersion(),
      node: environment.versions['node'] ?? '',
      gitCommit: state.git?.commit ?? null,
      gitDirty: state.git?.dirty ?? null,
    },
    startedAt,
    endedAt: isoTime(moment.clock.wallMs()),
    command: { argv: redactArgv(state.argv, settings), resolved: resolvedSettings(settings) },
    seed: settings.seed,
    model,
    engine,
    target: {
      url: redactText(url),
      api: target?.api ?? 'completions',
      headers: redactHeaderValues(target?.headers ?? {}),
      extraBody: redactFields({ ...target?.extraBody }),
      droppedFields: [...(target?.droppedFields ?? [])],
      slots: preflight?.facts.slots ?? null,
      maxModelTokens: preflight?.facts.maxModelTokens ?? null,
      ...(preflight?.limits && { limits: { ...preflight.limits } }),
    },
    hardware: { asked: settings.hardware, detected: describeHardware(environment, local) },
    workload: describeWorkload(state, target),
    slo: state.slos[0] ?? null,
    slos: state.slos,
    system,
    spending: state.budget.spending(),
    ...(state.power && { power: state.power }),
    ...(state.engineMetrics && { engineMetrics: state.engineMetrics.info() }),
    client: describeClient(
      state.transport,
      state.tokenizer,
      state.client,
      summaries,
      local,
      headline,
      state.selftest,
    ),
    environment,
    coldStart: {
      readyMs: opened?.readyMs ?? null,
      firstRequestMs: preflight?.firstRequestMs ?? null,
    },
    levels: summaries,
    headline,
    metrics: headlineMetrics(summaries, headline, state.slos[0] ?? null, emptyMetrics()),
    ...(state.method && { method: state.method.result }),
    findings: [
      ...state.findings,
      ...(state.method?.findings ?? []),
      ...state.patience.findings(),
      ...(state.engineMetrics?.findings() ?? []),
      ...engineFindings(summaries, state.slos),
      ...judgeDevices(state.power, summaries),
      ...judgeMachine(summaries),
      ...checkHardware(settings.hardware, environment, local),
      ...checkSystem(systemFacts),
      ...(preflight === null ? [] : checkQuant(model)),
      ...checkSharedHost(local && summaries.length > 0, environment, state.client),
    ].map((finding) => ({ ...finding, message: redactText(finding.message) })),
    error:
      state.error === null
        ? null
        : {
            code: state.error.code,
            message: redactText(state.error.message),
            hint: state.error.hint === undefined ? null : redactText(state.error.hint),
          },
    files: {},
  };
  const price = findPrice({
    pricePerHour: settings.pricePerHour,
    priceInput: settings.priceInput,
    priceOutput: settings.priceOutput,
    rows: state.prices,
    url,
    model: model.asked,
    system,
    date: startedAt.slice(0, 10),
  });
  return completeEnvelope(envelope, price);
}

function engineOf({ opened, preflight, settings }: RunState): EngineInfo {
  return {
    ...(opened?.engine ?? {
      id: settings.engine,
      version: null,
      started: false,
      commandLine: null,
      settings: {},
      log: null,
    }),
    ...(opened !== null &&
      opened.running === null &&
      preflight !== null && {
        id: preflight.facts.engine,
        version: preflight.facts.version,
        settings: preflight.facts.settings,
      }),
  };
}

/** Requests that the server works on at once, over all URLs, each taken to be like the first. */
export function slotsOf({
  preflight,
  opened,
}: Pick<RunState, 'preflight' | 'opened'>): number | null {
  const each = preflight?.facts.slots ?? null;
  if (preflight === null || each === null) return opened?.running?.slots ?? null;
  return each * urlsOf(preflight.target).length;
}

/** Settings as resolved, without what must not be stored. */
export function resolvedSettings(settings: RunSettings): Record<string, unknown> {
  const { apiKey, header, extraBody, ...rest } = settings;
  return {
    ...rest,
    extraBody: redactFields(extraBody),
    endpoint: settings.endpoint === null ? null : redactText(settings.endpoint),
    replica: settings.replica.map((url) => redactText(url)),
    proxy: settings.proxy === null ? null : redactText(settings.proxy),
    apiKey: apiKey === null ? null : '<redacted>',
    header: redactHeaderValues(header),
  };
}

/** Named like a secret; a switch is none (`timings_per_token: true`), nor is a token's number. */
function isSecret(name: string, value: unknown): boolean {
  if (typeof value === 'boolean' || value === null) return false;
  if (typeof value === 'number' && /token$/i.test(name)) return false;
  return /(^|[_-])(api[_-]?key|key|token|secret|password|authorization)$/i.test(name);
}

/** Fields that are named like a secret, at any depth, lose their value. */
function redactFields(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (isSecret(name, value)) return [name, '<redacted>'];
      const nested = typeof value === 'object' && value !== null && !Array.isArray(value);
      return [name, nested ? redactFields(value as Record<string, unknown>) : value];
    }),
  );
}

/** Header values may be anything a user sends along: names are kept, values are not. */
function redactHeaderValues(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(headers).map((name) => [name, '<redacted>']));
}

/** The texts that `redactFields` takes out, so that they leave the command line as well. */
function secretValues(fields: Record<string, unknown>): string[] {
  const kept = redactFields(fields);
  return Object.entries(fields).flatMap(([name, value]) => {
    if (kept[name] === '<redacted>') return [String(value)];
    const nested = typeof value === 'object' && value !== null && !Array.isArray(value);
    return nested ? secretValues(value as Record<string, unknown>) : [];
  });
}

/** A command line without keys, header values and what `redactFields` takes out. */
export function redactArgv(
  argv: readonly string[],
  settings: Pick<RunSettings, 'apiKey' | 'header' | 'extraBody'>,
): string[] {
  const secrets = [
    ...(settings.apiKey === null ? [] : [settings.apiKey]),
    ...Object.values(settings.header),
    ...secretValues(settings.extraBody),
  ].sort((a, b) => b.length - a.length);
  let hideNext = false;
  return argv.map((arg) => {
    if (hideNext) {
      hideNext = false;
      return '<redacted>';
    }
    hideNext = arg === '--api-key' || arg === '--header';
    if (/^--(api-key|header)=/.test(arg)) return arg.replace(/=.*/s, '=<redacted>');
    return redactText(arg, secrets);
  });
}

function isoTime(wallMs: number): string {
  // The one place where a wall-clock label becomes text.
  return new Date(wallMs).toISOString();
}
