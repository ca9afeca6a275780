import { closeSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../../core/index.ts';
import type { ProcessIdentity } from '../../engines/index.ts';
import type { TrialResult } from '../../model/index.ts';
import type { SandboxReceipt } from '../../sandbox/index.ts';
import type { AgentProgram } from '../agents/agent.ts';

type AgentEnd = NonNullable<TrialResult['agentPhase']>['end'];

/** What a trial has gone through, in this order; the agent's once more for each restart. */
export type JournalEntry =
  | {
      state: 'prepared';
      trialId: string;
      startedAt: string;
      secretSha256: string;
      program: AgentProgram;
      resumable: boolean;
      missionSha256: string;
    }
  /** Before anything of it runs: a kill may strike before the next line is written. */
  | { state: 'agent_starting'; usedS: number }
  | { state: 'agent_started'; usedS: number; process: ProcessIdentity | null }
  | {
      state: 'agent_ended';
      end: AgentEnd;
      reason: string;
      usedS: number;
      /** The arena was killed meanwhile. */
      interrupted: boolean;
      receipt: SandboxReceipt | null;
    }
  | {
      state: 'collected';
      /** Null: nothing could be. */
      submission: TrialResult['submission'];
      reason: string | null;
      /** The last state, where the best one is judged. */
      last?: TrialResult['submission'];
    }
  | { state: 'judged' }
  | { state: 'done' };

export type TrialState = JournalEntry['state'];
type EntryOf<State extends TrialState> = Extract<JournalEntry, { state: State }>;

/** Append-only: a line of JSON for each state that was reached. */
export interface Journal {
  /** On disk when it returns. */
  append(entry: JournalEntry): void;
  /** The latest entry of a state; null = not reached. */
  last<State extends TrialState>(state: State): EntryOf<State> | null;
}

const journalFile = 'journal.jsonl';

/**
 * @param folder of the trial
 * @throws BenchError RESULT_CORRUPT
 */
export function openJournal(folder: string): Journal {
  const path = join(folder, journalFile);
  const entries = readEntries(path);
  return {
    append(entry) {
      const file = openSync(path, 'a');
      try {
        writeSync(file, `${JSON.stringify(entry)}\n`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      entries.push(entry);
    },
    last: (state) =>
      (entries.findLast((entry) => entry.state === state) ?? null) as EntryOf<typeof state> | null,
  };
}

function readEntries(path: string): JournalEntry[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  const lines = text.split('\n');
  const rest = lines.at(-1) ?? '';
  const whole = lines.slice(0, -1);
  // Cut off in the middle of a line: that state was not reached.
  if (rest !== '') truncateSync(path, Buffer.byteLength(text) - Buffer.byteLength(rest));
  try {
    return whole.map((line) => JSON.parse(line) as JournalEntry);
  } catch (error) {
    throw new BenchError('RESULT_CORRUPT', `"${path}" is damaged: a line is not JSON.`, {
      hint: 'The trial cannot be resumed: run it again in another folder.',
      cause: error,
    });
  }
}
