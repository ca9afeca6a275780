import type {
  Envelope,
  GaugeFigures,
  LevelEngine,
  ViewFigures,
  ViewQuantile,
} from '../../model/index.ts';
import { allFindings } from '../findings.ts';
import { formatNumber, formatShare, missing } from '../format.ts';
import { levelName } from '../identity.ts';
import { levelsByLoad } from './levels.ts';
import { plural, type TableData } from './table.ts';

const gauge = (figures: GaugeFigures | null) =>
  figures === null ? missing : `${formatNumber(figures.mean)} (${formatNumber(figures.max)})`;
const share = (figures: GaugeFigures | null) =>
  figures === null ? missing : `${formatShare(figures.mean)} (${formatShare(figures.max)})`;

interface Column {
  head: string;
  cell(engine: LevelEngine): string;
}

const columns: readonly Column[] = [
  { head: 'Running', cell: ({ running }) => gauge(running) },
  { head: 'Waiting', cell: ({ waiting }) => gauge(waiting) },
  { head: 'KV cache', cell: ({ kvUse }) => share(kvUse) },
  { head: 'Preemptions', cell: ({ preemptions }) => formatNumber(preemptions) },
  { head: 'Prefix hits', cell: ({ prefixHitShare }) => formatShare(prefixHitShare) },
  { head: 'Queue, ms', cell: ({ queueMs }) => formatNumber(queueMs) },
  { head: 'Prefill, ms', cell: ({ prefillMs }) => formatNumber(prefillMs) },
  { head: 'Decode, ms', cell: ({ decodeMs }) => formatNumber(decodeMs) },
  { head: 'Drafts kept', cell: ({ acceptedShare }) => formatShare(acceptedShare) },
  { head: 'Prompt tok/s', cell: ({ promptTokensPerS }) => formatNumber(promptTokensPerS) },
  { head: 'Output tok/s', cell: (engine) => formatNumber(engine.generationTokensPerS) },
];

/** One row a level of what the engine said of itself; columns that no level fills are left out. */
export function engineTable(envelope: Envelope): TableData | null {
  const levels = levelsByLoad(envelope).flatMap((level) =>
    level.engine === undefined || level.engine.samples === 0
      ? []
      : [{ name: levelName(level), engine: level.engine }],
  );
  if (levels.length === 0) return null;
  const used = columns.filter(({ cell }) => levels.some(({ engine }) => cell(engine) !== missing));
  return {
    caption:
      'What the engine said of itself at each load: mean (greatest) of its gauges, means of its times',
    head: ['Load', ...used.map(({ head }) => head)],
    rows: levels.map(({ name, engine }) => [name, ...used.map(({ cell }) => cell(engine))]),
  };
}

const viewKeys = ['ttft', 'e2e', 'tpot'] as const;
const waits = { ttft: 'TTFT from the send', e2e: 'E2E from the send', tpot: 'TPOT' } as const;

/** The same wait by the engine and by the client; the rest is network and client. */
export function viewsTable(envelope: Envelope): TableData | null {
  const rows = levelsByLoad(envelope).flatMap((level) =>
    viewKeys.flatMap((key) => {
      const view = level.engine?.[key] ?? null;
      return view === null ? [] : [viewRow(levelName(level), key, view)];
    }),
  );
  if (rows.length === 0) return null;
  return {
    caption: 'Engine and client about the same requests: means, and what lies between',
    head: [
      ...['Load', 'Wait', 'Engine, ms', 'Client, ms', 'Network + client, ms', 'Share'],
      ...['Requests, engine', 'Requests, client'],
    ],
    rows,
  };
}

function viewRow(name: string, key: keyof typeof waits, view: ViewFigures): string[] {
  return [
    name,
    waits[key],
    formatNumber(view.engineMs),
    formatNumber(view.clientMs),
    formatNumber(view.outsideMs),
    formatShare(view.clientMs > 0 ? view.outsideMs / view.clientMs : null),
    formatNumber(view.engineRequests),
    formatNumber(view.clientRequests),
  ];
}

/** Percentiles from both ends; a bucket's width is what the engine's is not known by. */
export function spreadTable(envelope: Envelope): TableData | null {
  const rows = levelsByLoad(envelope).flatMap((level) =>
    viewKeys.flatMap((key) =>
      (level.engine?.[key]?.spread?.quantiles ?? []).map((quantile) => [
        levelName(level),
        waits[key],
        ...quantileCells(quantile),
      ]),
    ),
  );
  if (rows.length === 0) return null;
  return {
    caption:
      "Percentiles from both ends: the engine's lie between two bounds of its histogram, and the difference with them",
    head: ['Load', 'Wait', 'Percentile', 'Engine, ms', 'Client, ms', 'Network + client, ms'],
    rows,
  };
}

function quantileCells({ p, clientMs, engineLowMs, engineHighMs }: ViewQuantile): string[] {
  const range = (low: number | null, high: number) =>
    low === null ? `up to ${formatNumber(high)}` : `${formatNumber(low)} to ${formatNumber(high)}`;
  return [
    `p${Math.round(100 * p)}`,
    engineHighMs === null ? `over ${formatNumber(engineLowMs)}` : range(engineLowMs, engineHighMs),
    formatNumber(clientMs),
    range(engineHighMs === null ? null : clientMs - engineHighMs, clientMs - engineLowMs),
  ];
}

/** Where the figures come from, or why there are none; null in results that did not look. */
export function engineNote({ engineMetrics: info, levels }: Envelope): string | null {
  if (info === undefined) return null;
  if (info.family === null) return `Engine metrics: not measured: ${info.reason ?? 'unknown why'}.`;
  const asked = `${info.family} metrics from ${info.urls.join(', ')}, every ${info.intervalMs / 1000} s (${plural(info.scrapes, 'look')}, ${formatNumber(info.meanScrapeMs)} ms each)`;
  const silent =
    info.unavailable.length === 0
      ? ''
      : ` This engine does not tell: ${info.unavailable.map((key) => words[key] ?? key).join(', ')}.`;
  const why = [...new Set(levels.flatMap(({ engine }) => engine?.reason ?? []))];
  const gaps = [...(info.reason === null ? [] : [info.reason]), ...why];
  return `${asked}.${silent}${gaps.length === 0 ? '' : ` Gaps: ${gaps.join('; ')}.`}`;
}

/** Entries of the vocabulary, for people. */
const words: Readonly<Record<string, string>> = {
  running: 'requests running',
  waiting: 'requests waiting',
  kvUse: 'KV cache in use',
  prefixHitTokens: 'prefix cache hits',
  prefixQueryTokens: 'prefix cache look-ups',
  promptTokens: 'prompt tokens',
  generationTokens: 'generated tokens',
  draftTokens: 'draft tokens',
  acceptedTokens: 'accepted draft tokens',
  acceptedShare: 'share of drafts kept',
  queue: 'queue time',
  prefill: 'prefill time',
  decode: 'decode time',
  ttft: 'its own TTFT',
  e2e: 'its own E2E',
  tpot: 'its own TPOT',
};

/** Why the knee is where it is, in the words of the finding; null where nothing says so. */
export function kneeCause(envelope: Envelope): string | null {
  return allFindings(envelope).find(({ code }) => code === 'knee-cause')?.message ?? null;
}
