/**
 * For tests of what is built on this package: `import { engineCases } from 'inferencebench/testing'`.
 * Suites as values (`{ name, run(subject) }`) for engines, data sets, arrivals, metrics and
 * reports; the simulated server, whose truth is known; a virtual clock and a fake host.
 */
import type { StopReceipt } from '../engines/index.ts';

export type { BenchError, Clock, Host, HostStream, Rng } from '../core/index.ts';
export type {
  DoctorCheck,
  Engine,
  EngineCapabilities,
  EngineContext,
  EngineEnvironment,
  EngineExit,
  FindModelOptions,
  InstalledEngine,
  LocalModel,
  LocateOptions,
  LogPattern,
  ModelCatalog,
  ModelSpec,
  ReadinessTimes,
  RunningEngine,
  SourceOffer,
  StartOptions,
  StopReceipt,
  Tunable,
} from '../engines/index.ts';
export { createFakeHost, type FakeHost, type FakeHostOptions } from '../host/index.ts';
export type { MetricDefinition } from '../metrics/index.ts';
export type {
  ChatMessage,
  EmitRunEvent,
  Finding,
  LevelProgress,
  PromptRecipe,
  RunEvent,
  RunPhase,
  TokenCounter,
} from '../model/index.ts';
export type { Report, ReportInput } from '../report/index.ts';
export {
  type Agenda,
  type AgendaEntry,
  createVirtualClock,
  type Fault,
  type FaultKind,
  parseSimSpec,
  type SimProcess,
  type SimServer,
  type SimServerOptions,
  type SimSpec,
  type SimSpecInput,
  spawnSimServer,
  startSimServer,
  type TruthRecord,
  type VirtualClock,
  type VirtualClockOptions,
  type WireSpec,
  type WireSpecInput,
  wirePresets,
} from '../sim/index.ts';
export * from '../testing/index.ts';
export type {
  DataFile,
  DataSource,
  Dataset,
  DatasetOptions,
  DatasetRow,
  LengthSpec,
  LoadedDataset,
  PrefixSpec,
  PromptOverhead,
} from '../workload/index.ts';

export type ProcessExit = NonNullable<StopReceipt['exit']>;
