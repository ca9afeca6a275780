import type { StartingPoint } from '../../../arena/index.ts';
import type { ScenarioClass } from '../../../model/index.ts';

/** `bench arena run` */
export interface ArenaRunSettings {
  scenario: string;
  class: ScenarioClass;
  /** `script:PATH`, `default-config` or `random-search`. */
  agent: string;
  /** Seconds; null = the scenario's. */
  budget: number | null;
  /** Null: `running` where the scenario owns a launcher, else `stub`. */
  startingPoint: StartingPoint | null;
  sandbox: string;
  /** Which of the scenario's pairs of seeds, from 1. */
  repeat: number;
  /** MiB that the workspace may hold, and that each judged launch may write. */
  disk: number;
  questions: string | null;
  /** File of a reference that was measured before; null = in the trial. */
  reference: string | null;
  modelPath: string | null;
  forceEngine: string | null;
  /** Program to be asked about the evidence. */
  secondOpinion: string | null;
  /** Null = arena-results/ID. */
  output: string | null;
  startupTimeout: number | null;
  json: boolean;
}

/** `order.json`: what a trial was asked for, paths made absolute; a resume goes by it. */
export interface TrialOrder {
  schema: 'inferencebench.arena-order.v1';
  version: string;
  settings: Omit<ArenaRunSettings, 'output' | 'json'>;
}
