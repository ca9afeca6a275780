import { type Clock, messageOf, repeatEvery } from '../../core/index.ts';
import type { EngineMetricsInfo, EngineSample, LevelEngine, LevelRun } from '../../model/index.ts';
import { type EngineSource, readPage } from './find-source.ts';
import { readReading, unavailableIn } from './read-page.ts';
import { createSeriesLog, type SeriesLine, type SeriesLog, seriesSchema } from './series-log.ts';
import { summarizeEngine } from './summarize-engine.ts';

/** An engine's metrics, read all along a run. */
export interface EngineWatch {
  /** Every look so far, in order of time. */
  readonly samples: readonly EngineSample[];
  /** Of a level that has just ended; looks once more first. */
  ofLevel(run: LevelRun): Promise<LevelEngine>;
  /** Reads another start of the engine from now on; a text says why that one cannot be read. */
  retarget(source: EngineSource | string): void;
  /** Where the figures come from, as far as the run has come. */
  info(): EngineMetricsInfo;
  stop(): Promise<void>;
}

export interface EngineWatchDeps {
  clock: Clock;
  /** The run's, on the clock. */
  originUs: number;
  /** Takes what was read for the result folder. */
  write(lines: readonly SeriesLine[]): void;
  intervalMs: number;
  /** Name of the file that `write` goes to. */
  file: string;
}

/**
 * Reads the pages once every interval until it is stopped, one look at a time. Runs beside the load,
 * on sockets of its own and not in the I/O threads: nothing here is in the way of a stamp.
 */
export function watchEngine(first: EngineSource, deps: EngineWatchDeps): EngineWatch {
  const { clock, originUs, write, intervalMs } = deps;
  const samples: EngineSample[] = [];
  let source: EngineSource | string = first;
  let log: SeriesLog = createSeriesLog();
  const open = (next: EngineSource): void => {
    log = createSeriesLog();
    const urls = next.pages.map(({ url }) => url);
    write([{ kind: 'header', schema: seriesSchema, family: next.family.id, urls }]);
  };
  const look = async (): Promise<void> => {
    if (typeof source === 'string') return;
    const asked = source;
    const fromUs = clock.nowUs();
    const texts = await Promise.all(asked.pages.map((page) => page.get())).catch(messageOf);
    // The engine was stopped while it was asked.
    if (asked !== source) return;
    const untilUs = clock.nowUs();
    const at = {
      atUs: Math.round((fromUs + untilUs) / 2 - originUs),
      tookMs: (untilUs - fromUs) / 1000,
    };
    try {
      if (typeof texts === 'string') throw new Error(texts);
      const pages = texts.map(readPage);
      const reading = readReading(asked.family, pages.flat());
      samples.push({ ...at, reading, reason: null });
      write(log.scrape(at, pages));
    } catch (error) {
      const reason = messageOf(error);
      samples.push({ ...at, reading: null, reason });
      write([{ kind: 'failure', ...at, reason }]);
    }
  };
  open(first);
  const looks = repeatEvery(clock, intervalMs, look);
  return {
    samples,
    async ofLevel(run) {
      await looks.again();
      if (typeof source === 'string') return { ...summarizeEngine(run, []), reason: source };
      return summarizeEngine(run, samples);
    },
    retarget(next) {
      source = next;
      if (typeof next !== 'string') open(next);
    },
    info: () => infoOf(first, samples, deps, typeof source === 'string' ? source : null),
    stop: () => looks.stop(),
  };
}

function infoOf(
  { family, pages }: EngineSource,
  samples: readonly EngineSample[],
  { intervalMs, file }: EngineWatchDeps,
  lost: string | null,
): EngineMetricsInfo {
  const last = samples.findLast(({ reading }) => reading !== null)?.reading ?? null;
  const failed = samples.filter(({ reading }) => reading === null);
  const tookMs = samples.reduce((sum, sample) => sum + sample.tookMs, 0);
  const why = failed.at(-1)?.reason ?? null;
  return {
    urls: pages.map(({ url }) => url),
    family: family.id,
    source: family.source,
    intervalMs,
    scrapes: samples.length,
    failed: failed.length,
    meanScrapeMs: samples.length === 0 ? null : tookMs / samples.length,
    unavailable: last === null ? [] : unavailableIn(last),
    file,
    reason:
      lost ?? (why === null ? null : `${failed.length} of ${samples.length} looks failed: ${why}`),
  };
}
