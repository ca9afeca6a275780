import type { ScenarioClass, TrialOutcome } from './trial.ts';

/** What a scenario is tried with: all of these have to end as they should before it is accepted. */
export const scenarioCheckParts = ['questions', 'reference', 'oracle', 'empty', 'cheats'] as const;
export type ScenarioCheckPart = (typeof scenarioCheckParts)[number];

/** One folder that was judged, and whether it ended as it should. */
export interface CheckedFolder {
  /** `reference`, `oracle`, `empty`, or the cheat's name. */
  id: string;
  part: Exclude<ScenarioCheckPart, 'questions'>;
  /** In words. */
  expected: string;
  /** By the scenario's own rules. */
  outcome: TrialOutcome;
  reason: string | null;
  score: number | null;
  /** Over the reference; null where none was measured. */
  speedup: number | null;
  failedChecks: string[];
  /** The check that a cheat was written against; null = none is named. */
  writtenAgainst: string | null;
  /** `unknown`: the arena failed, which says nothing about the scenario. */
  verdict: 'as_expected' | 'not_as_expected' | 'unknown';
  /** Why it is not as expected; of a cheat that is as expected and was scored, why it could not cheat. */
  why: string | null;
  tookS: number;
  /** Folder of its trial.json, inside the check's own. */
  trial: string;
}

/** What the quality gate's questions are good for. Shares from 0 to 1. */
export interface QuestionSetCheck {
  /** `facts`: those that come with bench; else the name of their file. */
  name: string;
  /** Of the file, hex; null = they come with bench. */
  sha256: string | null;
  n: number;
  /** A question that is asked again is none of its own. */
  distinct: number;
  marginPoints: number;
  /** Right answers of the reference, in each of two rounds. */
  referenceShares: [number, number];
  chanceShare: number;
  /** Of questions to which only one of the two rounds was right: what an honest server has too. */
  discordantShare: number;
  /**
   * How often a server that is exactly as good is shown to be no worse than the margin: by the normal
   * approximation, and over all outcomes. `assumed`: 10 % discordant; `seen`: as in the two rounds.
   */
  power: {
    assumed: { discordantShare: number; normal: number; exact: number };
    seen: { discordantShare: number; normal: number; exact: number };
  };
  accepted: boolean;
  why: string | null;
}

/** `scenario-check.json`: whether a scenario is fit to judge by, and by what. */
export interface ScenarioCheck {
  schema: 'inferencebench.scenario-check.v1';
  tool: { name: 'inferencebench'; version: string };
  startedAt: string;
  endedAt: string;
  machine: string;
  /** That the folders were judged in; `isolates` false: they saw the machine. */
  sandbox: { id: string; isolates: boolean };
  scenario: { id: string; sha256: string; class: ScenarioClass };
  /** Null = something could not be told, or not everything was tried. */
  accepted: boolean | null;
  why: string[];
  /** What it was tried with; null = what comes with the scenario. */
  with: { modelPath: string | null; questionsSha256: string | null };
  parts: ScenarioCheckPart[];
  /** Null = not tried, or the scenario has no questions. */
  questions: QuestionSetCheck | null;
  folders: CheckedFolder[];
  /** Cheats that were left out. */
  leftOut: string[];
}
