import type { ScenarioClass } from '../../../model/index.ts';

/** `bench arena scenario check` */
export interface ScenarioCheckSettings {
  class: ScenarioClass;
  /** Parts, or names of cheats; null = all. */
  only: string[] | null;
  /** Folder of cheats in place of those that come with bench. */
  cheats: string | null;
  /** Only measure honest variants against the reference, for scenario.json. */
  freezeNoiseFloor: boolean;
  /** reference.json of an earlier trial; null = measured in the first judgement. */
  reference: string | null;
  /** File of questions for the quality gate. */
  questions: string | null;
  modelPath: string | null;
  /** `auto`, or the id of one. */
  sandbox: string;
  startupTimeout: number | null;
  /** Folder for scenario-check.json and the trials; null = arena-results/ID. */
  output: string | null;
  /** Folder of a check that was interrupted; null = a new one. */
  resume: string | null;
  json: boolean;
}
