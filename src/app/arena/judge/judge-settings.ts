import type { ScenarioClass } from '../../../model/index.ts';

/** `bench arena judge` */
export interface ArenaJudgeSettings {
  scenario: string;
  class: ScenarioClass;
  submission: string;
  /** File of a reference that was measured before; null = in the trial. */
  reference: string | null;
  /** File of questions for the quality gate; null = the scenario's, else those that come with bench. */
  questions: string | null;
  /** Null: the scenario's, from the cache. */
  modelPath: string | null;
  /** `auto`, or the id of one. */
  sandbox: string;
  /** MiB that a launch may write. */
  disk: number;
  /** Id of the engine that has to be used. */
  forceEngine: string | null;
  /** Program to be asked about the evidence. */
  secondOpinion: string | null;
  /** Folder for trial.json and logs; null = arena-results/ID. */
  output: string | null;
  startupTimeout: number | null;
  json: boolean;
}
