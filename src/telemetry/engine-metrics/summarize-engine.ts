import type {
  EngineReading,
  EngineSample,
  GaugeFigures,
  LevelEngine,
  LevelRun,
  TimeBucket,
  TimeTotal,
} from '../../model/index.ts';
import { clientView, type ViewKey } from './client-view.ts';

interface Read {
  atUs: number;
  reading: EngineReading;
}

const nothing: Omit<LevelEngine, 'samples' | 'reason'> = {
  spanS: null,
  running: null,
  waiting: null,
  kvUse: null,
  preemptions: null,
  prefixHitShare: null,
  acceptedShare: null,
  promptTokensPerS: null,
  generationTokensPerS: null,
  queueMs: null,
  prefillMs: null,
  decodeMs: null,
  ttft: null,
  e2e: null,
  tpot: null,
};

/**
 * What the engine said in the level's counted window; where that holds fewer than two readings, up to
 * the level's last end. Gauges: mean and greatest of the readings in there. Counters and times: the
 * last reading in there minus the first, so that nothing outside counts; up to two intervals of the
 * span are missed.
 *
 * @param samples in order of time
 */
export function summarizeEngine(run: LevelRun, samples: readonly EngineSample[]): LevelEngine {
  const within = samples.filter(({ atUs }) => atUs >= run.windowStartUs && atUs <= run.windowEndUs);
  const longer = samples.filter(({ atUs }) => atUs >= run.windowStartUs && atUs <= run.endUs);
  const read = readingsOf(within).length >= 2 ? readingsOf(within) : readingsOf(longer);
  const [first] = read;
  const last = read.at(-1);
  if (first === undefined || last === undefined) {
    const why = longer.find(({ reason }) => reason !== null)?.reason;
    const reason = why ?? 'the level was over before the engine was asked';
    return { ...nothing, samples: 0, reason };
  }
  const gauges = {
    running: gauge(read, 'running'),
    waiting: gauge(read, 'waiting'),
    kvUse: gauge(read, 'kvUse'),
  };
  const base = { ...nothing, ...gauges, samples: read.length };
  if (read.length < 2) {
    return { ...base, reason: 'one reading in the level: gauges only, nothing that takes two' };
  }
  const grown = (key: CounterKey): number | null => growth(read, ({ [key]: value }) => value);
  const spanS = (last.atUs - first.atUs) / 1e6;
  const perS = (key: CounterKey) => {
    const by = grown(key);
    return by === null ? null : by / spanS;
  };
  const mean = (key: TimeKey) => meanMs(timeGrowth(read, key));
  const views = (key: ViewKey) => {
    const engine = timeGrowth(read, key);
    return engine === null ? null : clientView(run, key, engine, first.atUs, last.atUs);
  };
  return {
    ...base,
    spanS,
    preemptions: grown('preemptions'),
    prefixHitShare: share(grown('prefixHitTokens'), grown('prefixQueryTokens')),
    acceptedShare:
      share(grown('acceptedTokens'), grown('draftTokens')) ??
      gauge(read, 'acceptedShare')?.mean ??
      null,
    promptTokensPerS: perS('promptTokens'),
    generationTokensPerS: perS('generationTokens'),
    queueMs: mean('queue'),
    prefillMs: mean('prefill'),
    decodeMs: mean('decode'),
    ttft: views('ttft'),
    e2e: views('e2e'),
    tpot: views('tpot'),
    reason: null,
  };
}

function readingsOf(samples: readonly EngineSample[]): Read[] {
  return samples.flatMap(({ atUs, reading }) => (reading === null ? [] : [{ atUs, reading }]));
}

type TimeKey = 'queue' | 'prefill' | 'decode' | ViewKey;
type GaugeKey = 'running' | 'waiting' | 'kvUse' | 'acceptedShare';
type CounterKey = Exclude<keyof EngineReading, TimeKey | GaugeKey>;

function gauge(read: readonly Read[], key: GaugeKey): GaugeFigures | null {
  const values = read.flatMap(({ reading }) => (reading[key] === null ? [] : [reading[key]]));
  if (values.length === 0) return null;
  return {
    mean: values.reduce((a, b) => a + b, 0) / values.length,
    max: values.reduce((a, b) => Math.max(a, b)),
  };
}

/** Last minus first; null where it is not told throughout, or shrank: the engine began anew. */
function growth(
  read: readonly Read[],
  of: (reading: EngineReading) => number | null,
): number | null {
  let before = Number.NEGATIVE_INFINITY;
  let start: number | null = null;
  for (const { reading } of read) {
    const value = of(reading);
    if (value === null || value < before) return null;
    before = value;
    start ??= value;
  }
  return start === null ? null : before - start;
}

function timeGrowth(read: readonly Read[], key: TimeKey): TimeTotal | null {
  const count = growth(read, (reading) => reading[key]?.count ?? null);
  const sumS = growth(read, (reading) => reading[key]?.sumS ?? null);
  if (count === null || sumS === null) return null;
  const buckets = bucketGrowth(read[0]?.reading[key], read.at(-1)?.reading[key]);
  return { sumS, count, ...(buckets && { buckets }) };
}

/** Null where either reading has none, or they have not the same bounds. */
function bucketGrowth(
  from: TimeTotal | null | undefined,
  to: TimeTotal | null | undefined,
): TimeBucket[] | null {
  if (from?.buckets === undefined || to?.buckets?.length !== from.buckets.length) return null;
  const grown: TimeBucket[] = [];
  for (const [i, { upToS, count }] of to.buckets.entries()) {
    const before = from.buckets[i];
    if (before?.upToS !== upToS || before.count > count) return null;
    grown.push({ upToS, count: count - before.count });
  }
  return grown;
}

function meanMs(total: TimeTotal | null): number | null {
  return total === null || total.count <= 0 ? null : (1000 * total.sumS) / total.count;
}

/** Null without anything to take a share of. */
function share(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole <= 0 ? null : part / whole;
}
