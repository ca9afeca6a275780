import {
  BenchError,
  type Clock,
  didYouMean,
  isBenchError,
  messageOf,
  redactText,
} from '../core/index.ts';
import { packageVersion } from '../host/index.ts';
import { metricKeys } from '../metrics/index.ts';
import {
  type Envelope,
  type Environment,
  type Finding,
  type LevelMetrics,
  type LevelRun,
  type LevelSummary,
  type Selftest,
  type SloTemplate,
  sloTemplates,
} from '../model/index.ts';
import { headlineLevel, headlineMetrics } from '../protocols/index.ts';
import { formatLengthSpec, type LengthSpec, type LoadedDataset } from '../workload/index.ts';
import {
  type ClientFigures,
  checkHardware,
  checkQuant,
  checkSharedHost,
  describeClient,
  describeHardware,
  isLocalUrl,
} from './describe-run.ts';
import type { OpenedTarget } from './open-target.ts';
import type { Preflight } from './preflight.ts';
import type { RunSettings } from './settings.ts';

/** Everything a run knows so far; the envelope is a view of it at any moment. */
export interface RunState {
  runId: string;
  settings: RunSettings;
  argv: string[];
  startedWallMs: number;
  environment: Environment;
  git: { commit: string; dirty: boolean } | null;
  slo: SloTemplate | null;
  inputTokens: LengthSpec;
  outputTokens: LengthSpec;
  opened: OpenedTarget | null;
  preflight: Preflight | null;
  dataset: LoadedDataset | null;
  tokenizer: string | null;
  transport: string;
  client: ClientFigures | null;
  selftest: Selftest | null;
  runs: LevelRun[];
  summaries: LevelSummary[];
  findings: Finding[];
  interrupted: boolean;
  /** The run is over: what was started is being stopped. */
  closing: boolean;
  error: BenchError | null;
}

/** No load was given: the run sizes itself by the time budget. */
export function isQuickLook(settings: RunSettings): boolean {
  return (
    settings.rate === null && settings.concurrency === null && settings.maxConcurrency === null
  );
}

/** @throws BenchError USAGE_UNKNOWN_SLO_TEMPLATE */
export function findSlo(id: string | null): SloTemplate | null {
  if (id === null) return null;
  const found = sloTemplates.find((template) => template.id === id);
  if (found !== undefined) return found;
  const ids = sloTemplates.map((template) => template.id);
  throw new BenchError(
    'USAGE_UNKNOWN_SLO_TEMPLATE',
    `Unknown SLO template "${id}".${didYouMean(id, ids)}`,
    { hint: `Known: ${ids.join(', ')}.` },
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
  const headline = headlineLevel(summaries, state.slo);
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
  return {
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
    startedAt: isoTime(state.startedWallMs),
    endedAt: isoTime(moment.clock.wallMs()),
    command: { argv: redactArgv(state.argv, settings), resolved: resolvedSettings(settings) },
    seed: settings.seed,
    model,
    engine: {
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
    },
    target: {
      url: redactText(url),
      api: target?.api ?? 'completions',
      headers: redactHeaderValues(target?.headers ?? {}),
      extraBody: redactFields({ ...target?.extraBody }),
      droppedFields: [...(target?.droppedFields ?? [])],
      slots: preflight?.facts.slots ?? null,
      maxModelTokens: preflight?.facts.maxModelTokens ?? null,
    },
    hardware: { asked: settings.hardware, detected: describeHardware(environment, local) },
    workload: {
      dataset: state.dataset?.describe ?? settings.dataset,
      inputTokens: formatLengthSpec(state.inputTokens),
      outputTokens: formatLengthSpec(state.outputTokens),
      temperature: settings.temperature,
      ignoreEos: settings.ignoreEos && !target?.droppedFields.includes('ignore_eos'),
      prefixCache: describePrefixCache(state),
    },
    slo: state.slo,
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
    metrics: headlineMetrics(summaries, headline, state.slo, emptyMetrics()),
    findings: [
      ...state.findings,
      ...checkHardware(settings.hardware, environment, local),
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
}

function describePrefixCache(state: RunState): string {
  const switchedOff = state.preflight?.target.extraBody['cache_prompt'] === false;
  const salted = 'every prompt differs from its first token on';
  return switchedOff ? `switched off (cache_prompt: false); ${salted}` : salted;
}

/** Settings as resolved, without what must not be stored. */
function resolvedSettings(settings: RunSettings): Record<string, unknown> {
  const { apiKey, header, extraBody, ...rest } = settings;
  return {
    ...rest,
    extraBody: redactFields(extraBody),
    endpoint: settings.endpoint === null ? null : redactText(settings.endpoint),
    apiKey: apiKey === null ? null : '<redacted>',
    header: redactHeaderValues(header),
  };
}

/** Fields that are named like a secret, at any depth, lose their value. */
function redactFields(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (/(^|[_-])(api[_-]?key|key|token|secret|password|authorization)$/i.test(name)) {
        return [name, '<redacted>'];
      }
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

function redactArgv(argv: readonly string[], settings: RunSettings): string[] {
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
