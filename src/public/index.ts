/**
 * The package as a library: `import { readEnvelope } from 'inferencebench'`. Reads results,
 * computes their numbers again, renders them, and runs the command line in this process. Types of
 * what is in a result folder are versioned with the files' schemas.
 */
import { resolve } from 'node:path';
import type { ExitCode, Host, HostStream } from '../core/index.ts';
import { createFakeHost, createNodeHost } from '../host/index.ts';
import type { MetricDefinition } from '../metrics/index.ts';

export {
  BenchError,
  type BenchErrorOptions,
  type Clock,
  ExitCode,
  type Host,
  type HostStream,
  isBenchError,
} from '../core/index.ts';
export {
  type ChunkDistribution,
  type ChunkFigures,
  concurrencyReached,
  type DistributionMetric,
  type FillValues,
  type GroupValues,
  keysOf,
  type MetricDefinition,
  metricDefinitions,
  metricKeys,
  type RequestDistribution,
  type SelectedRequests,
  type SummarizeOptions,
  summarizeLevel,
} from '../metrics/index.ts';
export {
  type ArrivalSpec,
  type BodyFigures,
  type ChecklistRow,
  type ChunkColumns,
  ChunkKind,
  type ClientErrorMs,
  type ClientInfo,
  type ClientVerdict,
  type Comparison,
  type ComparisonBlock,
  type ComparisonSide,
  type CostResult,
  type EngineInfo,
  type EngineMetricsInfo,
  type EngineReading,
  type EngineSample,
  type Envelope,
  type Environment,
  type ErrorFigures,
  type Fact,
  type FactSource,
  type Finding,
  formatLoad,
  type GateOutcome,
  type GateSamples,
  type GaugeFigures,
  type InstancePrice,
  type Interval,
  type IoThreadFigures,
  type KeepingUp,
  type Knee,
  type LagFigures,
  type LaunchAggregate,
  type LaunchInfo,
  type LengthCheck,
  type LengthComparison,
  type LengthFigures,
  type LevelDevice,
  type LevelEngine,
  type LevelMachine,
  type LevelMetrics,
  type LevelPower,
  type LevelRun,
  type LevelSummary,
  type LoadFigures,
  type LoadSpec,
  type MetricComparison,
  type MetricValues,
  type ModelInfo,
  type Outcome,
  outcomes,
  outputTokensOf,
  type PowerDevice,
  type PowerInfo,
  type Price,
  type PromptProvenance,
  type RequestRecord,
  type RunMethod,
  type Selftest,
  type SelftestLevel,
  type SloOutcome,
  type SloTemplate,
  type Spending,
  type SteadyWindow,
  type SustainedResult,
  type SweepResult,
  type SystemInfo,
  sloTemplates,
  type TargetInfo,
  type ThreadFigures,
  type TimeBucket,
  type TimeTotal,
  type ToggleComparison,
  type TokenPrice,
  type TokenSource,
  type ViewFigures,
  type ViewQuantile,
  type ViewSpread,
  type WarmUpResult,
  type WorkloadInfo,
} from '../model/index.ts';
export {
  type Report,
  type ReportInput,
  renderHtml,
  renderSummary,
  type SummaryOptions,
  toVllmBenchJson,
  type VllmBenchOptions,
} from '../report/index.ts';
export { parseEnvelope, readComparison, readEnvelope, readLevels } from '../results/index.ts';
export type { GroupedSeries } from '../stats/index.ts';

/** One figure per level. */
export type ScalarMetric = Extract<MetricDefinition, { kind: 'scalar' }>;
/** What metrics compute from. */
export type LevelFacts = Parameters<ScalarMetric['compute']>[0];
export type RateSpan = NonNullable<LevelFacts['span']>;

/** What one command line came to. */
export interface BenchOutcome {
  /** As the process would have ended: docs/reference/exit-codes.md. */
  exitCode: ExitCode;
  /** The answer: with `--json` one object and nothing else. */
  stdout: string;
  /** The conversation. */
  stderr: string;
}

/** `process.env` stays live behind it; a second one would listen on the streams again. */
let realHost: Host | undefined;

/**
 * Runs one command line in this process: `runBench(['run', 'llm.inference', '--json', ...])`.
 * Never throws and never ends the process: errors are an exit code and words on stderr. Nothing is
 * printed; streams given in `host` get the text as it comes, and are captured too. Signals are left
 * alone unless `host.onInterrupt` is given.
 *
 * @param host replaces parts of the surroundings; environment, folder and clock of this process
 * otherwise.
 */
export async function runBench(
  argv: readonly string[],
  host: Partial<Omit<Host, 'argv'>> = {},
): Promise<BenchOutcome> {
  const { main } = await import('../cli/index.ts');
  realHost ??= createNodeHost();
  const captured = createFakeHost({
    argv,
    env: host.env ?? realHost.env,
    cwd: host.cwd ?? resolve(''),
    clock: host.clock ?? realHost.clock,
  });
  const exitCode = await main({
    ...captured,
    stdout: bothOf(captured.stdout, host.stdout),
    stderr: bothOf(captured.stderr, host.stderr),
    ...(host.onInterrupt && { onInterrupt: host.onInterrupt }),
  });
  return { exitCode, stdout: captured.out(), stderr: captured.err() };
}

function bothOf(captured: HostStream, given: HostStream | undefined): HostStream {
  if (given === undefined) return captured;
  return {
    isTTY: given.isTTY,
    columns: given.columns,
    write(text) {
      captured.write(text);
      given.write(text);
    },
  };
}
