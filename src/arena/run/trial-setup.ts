import type { EngineContext } from '../../engines/index.ts';
import type { MeasuredState, ScenarioClass, TrialEntry } from '../../model/index.ts';
import type { Sandbox, SandboxMount } from '../../sandbox/index.ts';
import type { ArenaAgent } from '../agents/agent.ts';
import type { Collected } from '../judge/collect.ts';
import type { Judgement } from '../judge/order.ts';
import type { OfferedEngine } from '../phase/engines-folder.ts';
import type { Want } from '../phase/evaluator.ts';
import type { StartingPoint } from '../phase/workspace.ts';
import type { StoredScenario } from '../scenario/read-scenario.ts';

/** All that a trial is made of. The same for its first start and for each resume. */
export interface TrialSetup {
  ctx: EngineContext;
  /** The trial's own: everything of it is in there, and a resume finds it there. */
  folder: string;
  stored: StoredScenario;
  class: ScenarioClass;
  seeds: { dev: number; eval: number };
  agent: ArenaAgent;
  entry: Omit<TrialEntry, 'agent' | 'promptSha256'>;
  sandbox: Sandbox;
  startingPoint: StartingPoint;
  /** Of the scenario's own launcher, for the starting point `running`; null = the engine's defaults. */
  startFolder: string | null;
  budgetS: number;
  /** Of the workspace; null = no limit. */
  diskBytes: number | null;
  /** Folder of the model, the names in it (`model.gguf`, `hf/`), and what is mounted into it. */
  model: { folder: SandboxMount; names: readonly string[]; mounts: readonly SandboxMount[] };
  modelName: string;
  /** Interpreter of this machine, for the agent's tools. */
  python: string;
  engines: readonly OfferedEngine[];
  /** Text of a start_server.sh that starts the first engine, with arguments beside its defaults. */
  startScript(args: readonly string[]): string;
  /** @throws the abort reason; everything else is a judgement */
  judge(asked: JudgeAsked): Promise<Judgement>;
  preview(order: PreviewOrder): Promise<Preview>;
  /** Tool version and machine, as trial.json has them. */
  toolVersion: string;
  machine: string;
  /** One line for people. */
  say(message: string): void;
  /** Told after each state is on disk; for tests. */
  onState?(state: string): void | Promise<void>;
}

export interface JudgeAsked {
  /** The folder with what was collected. */
  submissionDir: string;
  /** Does not exist; for files of the judge. */
  workDir: string;
  secret: Uint8Array;
}

export interface PreviewOrder {
  want: Want;
  submissionDir: string;
  submission: Collected;
  /** Empty; taken away afterwards. */
  workDir: string;
  seed: number;
  say(text: string): void;
  signal: AbortSignal;
}

/** An evaluation while the agent has time. */
export interface Preview {
  state: MeasuredState;
  /** As the scenario's rules score it; null = nothing to score. */
  score: number | null;
  /** For the agent. */
  text: string;
  /** Settings of the engine that it started, beside its defaults; null = no known engine. */
  flags: string[] | null;
}
