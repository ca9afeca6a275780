import type { Clock } from '../core/index.ts';
import type { LevelRun, Sender } from '../model/index.ts';
import { type RunLevelOptions, runLevel } from './run-level.ts';
import { type StopRule, stopRule } from './stop-rules.ts';

/** A level to be run, wherever: nothing in it but the plan, the signal and the listeners is code. */
export interface LoadOptions
  extends Omit<RunLevelOptions, 'clock' | 'sender' | 'stopEarly' | 'breathe'> {
  /** Asked after every record; ends the level early when it holds. */
  stopRule?: StopRule;
  /** Keep the text of every answer (client's `detailsOf`); absent: of a sample. */
  allTexts?: boolean;
}

/** Runs one level of load, in this thread or in others, with the contract of `runLevel`. */
export type RunLoad = (options: LoadOptions) => Promise<LevelRun>;

/** Levels run in this thread, on any clock: the simulated server's virtual one among them. */
export function createInlineLoad(clock: Clock, sender: Sender): RunLoad {
  return ({ stopRule: rule, ...options }) =>
    runLevel({ ...options, clock, sender, ...(rule ? { stopEarly: stopRule(rule) } : {}) });
}
