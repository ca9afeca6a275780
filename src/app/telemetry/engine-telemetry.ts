import { join } from 'node:path';
import type { ClientTarget } from '../../client/index.ts';
import type { Clock } from '../../core/index.ts';
import type {
  EmitRunEvent,
  EngineMetricsInfo,
  EngineSample,
  Finding,
  LevelEngine,
  LevelRun,
} from '../../model/index.ts';
import { engineMetricsFile } from '../../results/index.ts';
import { type EngineWatch, findEngineSource, watchEngine } from '../../telemetry/index.ts';
import type { TelemetrySettings } from '../settings.ts';
import { type EnginePages, openEnginePages } from './engine-pages.ts';
import { openSeriesFile } from './series-file.ts';

/** How often the engine is asked: each look costs it a little, too. */
const intervalMs = 1_000;

/** The engine's metrics during a run. */
export interface EngineTelemetry {
  ofLevel(run: LevelRun): Promise<LevelEngine | null>;
  /** The engine is about to be stopped: its silence from here on is no failure. */
  pause(): void;
  /** Follows the engine to its next start. */
  retarget(target: ClientTarget): Promise<void>;
  /** Every look, in order of time. */
  readonly samples: readonly EngineSample[];
  info(): EngineMetricsInfo;
  findings(): Finding[];
  close(): Promise<void>;
}

export interface EngineTelemetryDeps {
  target: ClientTarget;
  settings: TelemetrySettings;
  /** Why there is no page to look for; null = there may be one. */
  noMetricsReason: string | null;
  clock: Clock;
  originUs: number;
  outputDir: string;
  emit: EmitRunEvent;
}

/** Finds the engine's metrics and reads them until closed; where there are none, says why. */
export async function openEngineTelemetry(deps: EngineTelemetryDeps): Promise<EngineTelemetry> {
  const { settings, clock, originUs, outputDir, emit } = deps;
  if (!settings.engineMetrics) return withoutMetrics('switched off (--no-engine-metrics)');
  if (deps.noMetricsReason !== null && settings.metricsUrl.length === 0) {
    return withoutMetrics(deps.noMetricsReason);
  }
  let pages: EnginePages = openEnginePages(deps.target, settings.metricsUrl, clock);
  const source = await findEngineSource(pages.servers);
  if (typeof source === 'string') {
    await pages.close();
    emit({ kind: 'log', message: `no engine metrics: ${source}` });
    return withoutMetrics(source, settings.metricsUrl.length > 0);
  }
  const file = openSeriesFile(join(outputDir, engineMetricsFile));
  const watch: EngineWatch = watchEngine(source, {
    ...{ clock, originUs, intervalMs },
    file: engineMetricsFile,
    write: file.write,
  });
  let fileProblem: string | null = null;
  return {
    ofLevel: (run) => watch.ofLevel(run),
    pause: () => watch.retarget('the engine was being started anew'),
    async retarget(target) {
      await pages.close();
      // Given pages stay where they are; found ones move with the endpoint.
      pages = openEnginePages(target, settings.metricsUrl, clock);
      watch.retarget(await findEngineSource(pages.servers));
    },
    samples: watch.samples,
    info: () => watch.info(),
    findings: () => [...problemsOf(watch.info()), ...filesOf(fileProblem)],
    async close() {
      await watch.stop();
      await pages.close();
      fileProblem = await file.close();
    },
  };
}

function withoutMetrics(reason: string, asked = false): EngineTelemetry {
  const info: EngineMetricsInfo = {
    ...{ urls: [], family: null, source: null, intervalMs, scrapes: 0, failed: 0 },
    ...{ meanScrapeMs: null, unavailable: [], file: null, reason },
  };
  const unread: Finding = {
    code: 'engine-metrics-unread',
    severity: 'warning',
    message: `the page of --metrics-url cannot be used: ${reason}.`,
  };
  return {
    ofLevel: async () => null,
    pause: () => {},
    retarget: async () => {},
    samples: [],
    info: () => info,
    findings: () => (asked ? [unread] : []),
    close: async () => {},
  };
}

function problemsOf({ scrapes, failed, reason }: EngineMetricsInfo): Finding[] {
  if (scrapes === 0 || failed <= 0.1 * scrapes) return [];
  return [
    {
      code: 'engine-metrics-unread',
      severity: 'warning',
      message: `the engine's metrics are incomplete: ${reason ?? 'unknown why'}. A busy engine answers late; its figures miss its worst moments.`,
    },
  ];
}

function filesOf(problem: string | null): Finding[] {
  if (problem === null) return [];
  return [{ code: 'engine-metrics-incomplete', severity: 'info', message: `${problem}.` }];
}
