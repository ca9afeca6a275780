import {
  type Envelope,
  type Fact,
  formatRealisedRate,
  type Knee,
  type LevelSummary,
  type SloTemplate,
} from '../model/index.ts';
import { formatBytes, formatInterval, formatNumber, formatShare, plainText } from './format.ts';
import { headlineLevel, levelKind, levelName } from './identity.ts';
import { intervalReason, throughputSentence } from './metric-names.ts';

export interface ArticleRow {
  name: string;
  /** `unknown` where nobody says. */
  value: string;
  /** Under which load a result was measured. */
  condition?: string;
}

export interface ArticleSection {
  title: 'Hardware' | 'Model' | 'Engine' | 'Workload' | 'Results';
  rows: ArticleRow[];
}

const unknown = 'unknown';

/** The sections that the methodology article asks of every report, in its order. */
export function articleSections(envelope: Envelope): ArticleSection[] {
  const sections: ArticleSection[] = [
    { title: 'Hardware', rows: hardwareRows(envelope) },
    { title: 'Model', rows: modelRows(envelope) },
    { title: 'Engine', rows: engineRows(envelope) },
    { title: 'Workload', rows: workloadRows(envelope) },
    { title: 'Results', rows: resultRows(envelope) },
  ];
  return sections.map(({ title, rows }) => ({
    title,
    rows: rows.map((row) => ({
      name: row.name,
      value: plainText(row.value),
      ...(row.condition !== undefined && { condition: plainText(row.condition) }),
    })),
  }));
}

function hardwareRows({ system, hardware, environment }: Envelope): ArticleRow[] {
  const { gpu, gpuCount, interconnect, gpuMemoryBytes } = system ?? {};
  if (gpuCount?.value === 0) {
    const isSeen = gpuCount.from === 'machine';
    return [
      { name: 'GPU', value: 'none' },
      { name: 'CPU', value: isSeen ? environment.cpuModel : unknown },
      { name: 'CPUs', value: isSeen ? String(environment.cpuCount) : unknown },
      { name: 'Memory', value: isSeen ? formatBytes(environment.memoryBytes) : unknown },
    ];
  }
  return [
    { name: 'GPU', value: factText(gpu, hardware.detected || unknown) },
    { name: 'GPUs', value: factText(gpuCount) },
    { name: 'Interconnect', value: gpuCount?.value === 1 ? 'one GPU' : factText(interconnect) },
    {
      name: 'Memory per GPU',
      value: factText(
        gpuMemoryBytes && {
          from: gpuMemoryBytes.from,
          value: gpuMemoryBytes.value === null ? null : formatBytes(gpuMemoryBytes.value),
        },
      ),
    },
  ];
}

function modelRows({ model, system }: Envelope): ArticleRow[] {
  const stated = model.quantAsked === null ? unknown : `${model.quantAsked} (stated)`;
  return [
    { name: 'Name', value: model.served ?? (model.asked || unknown) },
    { name: 'Size', value: factText(system?.modelSize) },
    { name: 'Quantization', value: model.quant ?? stated },
    { name: 'Tensor parallel', value: factText(system?.tensorParallel) },
    { name: 'Pipeline parallel', value: factText(system?.pipelineParallel) },
  ];
}

function engineRows({ engine, system }: Envelope): ArticleRow[] {
  return [
    { name: 'Name', value: engine.id ?? unknown },
    { name: 'Version', value: engine.version ?? unknown },
    { name: 'Attention backend', value: factText(system?.attentionBackend) },
    { name: 'Scheduling policy', value: factText(system?.schedulingPolicy) },
  ];
}

function workloadRows({ workload, levels }: Envelope): ArticleRow[] {
  const requests = levels.map(({ metrics }) => formatNumber(metrics.values['requests_total']));
  const seconds = levels.map((level) =>
    formatNumber(Math.round((level.windowEndUs - level.windowStartUs) / 1e5) / 10),
  );
  return [
    { name: 'Data set', value: workload.dataset },
    { name: 'Prompt tokens', value: workload.inputTokens },
    { name: 'Output tokens', value: workload.outputTokens },
    { name: 'Arrivals', value: [...new Set(levels.map(levelKind))].join('; ') || unknown },
    { name: 'Load', value: levels.map(levelName).join(', ') || unknown },
    { name: 'Requests', value: requests.join(', ') || unknown },
    { name: 'Duration, s', value: seconds.join(', ') || unknown },
    { name: 'Prefix cache', value: workload.prefixCache },
  ];
}

const latencies: readonly (readonly [string, string])[] = [
  ['TTFT p50', 'ttft_p50_ms'],
  ['TTFT p99', 'ttft_p99_ms'],
  ['TBT (ITL) p50', 'itl_p50_ms'],
  ['TBT (ITL) p99', 'itl_p99_ms'],
  ['TPOT p50', 'tpot_p50_ms'],
  ['TPOT p99', 'tpot_p99_ms'],
  ['E2E p50', 'e2e_p50_ms'],
  ['E2E p99', 'e2e_p99_ms'],
];

/** Every figure with the load that it was measured at. */
function resultRows(envelope: Envelope): ArticleRow[] {
  const level = headlineLevel(envelope);
  const { values } = envelope.metrics;
  const at = level === null ? 'no level' : conditionOf(envelope, level);
  return [
    ...latencies.map(([name, key]) => ({
      name,
      value:
        values[key] == null
          ? 'not measured'
          : `${formatNumber(values[key])} ms${uncertainty(envelope, key)}`,
      condition: at,
    })),
    { name: 'Throughput', value: throughputSentence(envelope.metrics), condition: at },
    { name: 'Errors', value: formatShare(values['error_share']), condition: at },
    ...(envelope.method?.sweep?.knees ?? []).map((knee) => kneeRow(knee, envelope)),
  ];
}

/** `open, poisson, 4 req/s, 60 s, n = 240; random words, 128 tokens in, 64 out` */
function conditionOf({ workload, metrics }: Envelope, level: LevelSummary): string {
  const seconds = (level.windowEndUs - level.windowStartUs) / 1e6;
  const load = [
    `${levelKind(level)}, ${levelName(level)}`,
    ...(seconds > 0 ? [`${formatNumber(Number(seconds.toPrecision(3)))} s`] : []),
    `n = ${formatNumber(metrics.values['requests_ok'])}`,
  ].join(', ');
  // What a data set says of itself beyond its name is a fact of its own.
  const [dataset] = workload.dataset.split(', ');
  return `${load}; ${dataset}, ${workload.inputTokens} tokens in, ${workload.outputTokens} out`;
}

/** The interval, or why there is none. */
function uncertainty({ metrics }: Envelope, key: string): string {
  const interval = formatInterval(metrics.intervals[key]);
  const reason = intervalReason(metrics, key).replace('too short for an interval', 'too short');
  const flag = metrics.flags[key] === 'low-n' ? 'low n' : '';
  const notes = [reason, flag].filter((note) => note !== '').join(', ');
  return `${interval}${notes === '' ? '' : ` (${notes})`}`;
}

/** Nothing could be judged: neither that a rate holds nor that it fails. */
export function isKneeUnknown({ maxRateRps, failedBy }: Knee): boolean {
  return maxRateRps === null && failedBy === 'invalid';
}

function kneeRow(knee: Knee, { slos = [] }: Envelope): ArticleRow {
  const none = isKneeUnknown(knee) ? 'unknown' : 'none';
  const value =
    knee.maxRateRps === null ? none : formatRealisedRate(knee.offeredRps, knee.maxRateRps);
  const upTo =
    knee.failRps === null
      ? 'no rate that was tried failed'
      : `${formatRealisedRate(knee.failOfferedRps, knee.failRps)} ${knee.failedBy === 'invalid' ? 'is not fit to be judged' : `failed (${knee.failedBy ?? 'unknown'})`}`;
  return {
    name: `Max request rate, ${knee.criterion}`,
    value,
    condition: `${criterionText(knee.criterion, slos)}; ${knee.verdict}; ${upTo}`,
  };
}

/** `llm.standard:ttft` -> `TTFT <= 300 ms for 99 % of requests`. */
export function criterionText(criterion: string, slos: readonly SloTemplate[]): string {
  if (criterion === 'keeps-up') return 'completes what arrives; no SLO';
  if (criterion === 'all') return 'every SLO at once';
  const slo = slos.find(({ id }) => criterion === id || criterion.startsWith(`${id}:`));
  if (slo === undefined) return criterion;
  const only = criterion.slice(slo.id.length + 1);
  const limits = [
    ['ttft', slo.ttftMs] as const,
    ['tpot', slo.tpotMs] as const,
    ['e2e', slo.e2eMs] as const,
  ].flatMap(([name, ms]) =>
    ms === null || (only !== '' && only !== name) ? [] : [`${name.toUpperCase()} <= ${ms} ms`],
  );
  return `${limits.join(' and ')} for ${Number((100 * slo.quantile).toPrecision(6))} % of requests`;
}

function factText(fact: Fact<string | number> | undefined, otherwise = unknown): string {
  if (fact === undefined || fact.value === null) return otherwise;
  return fact.from === 'given' ? `${fact.value} (stated)` : String(fact.value);
}
