import { closeSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { BenchError, messageOf } from '../../core/index.ts';
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
  | {
      state: 'agent_starting';
      usedS: number;
      /** Of this machine, for its socket; a kill leaves it. */
      hidden: string;
    }
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
  /** The same, of a state that was reached. */
  need<State extends TrialState>(state: State): EntryOf<State>;
  /** All that were reached, in the order of their lines. */
  states(): TrialState[];
}

export const journalFile = 'journal.jsonl';

const usedS = z.number().nonnegative();
const submission = z.looseObject({ sha256: z.string(), files: z.array(z.unknown()) }).nullable();
/** What a resume builds on. */
const entrySchema = z.discriminatedUnion('state', [
  z.looseObject({
    state: z.literal('prepared'),
    trialId: z.string().min(1),
    startedAt: z.string(),
    secretSha256: z.string(),
    program: z.object({
      command: z.array(z.string()).min(1),
      env: z.record(z.string(), z.string()),
    }),
    resumable: z.boolean(),
    missionSha256: z.string(),
  }),
  z.looseObject({ state: z.literal('agent_starting'), usedS, hidden: z.string() }),
  z.looseObject({
    state: z.literal('agent_started'),
    usedS,
    process: z.looseObject({ pid: z.number() }).nullable(),
  }),
  z.looseObject({
    state: z.literal('agent_ended'),
    end: z.string(),
    reason: z.string(),
    usedS,
    interrupted: z.boolean(),
    receipt: z.looseObject({}).nullable(),
  }),
  z.looseObject({
    state: z.literal('collected'),
    submission,
    reason: z.string().nullable(),
    last: submission.optional(),
  }),
  z.looseObject({ state: z.literal('judged') }),
  z.looseObject({ state: z.literal('done') }),
]);

/**
 * @param folder of the trial
 * @throws BenchError RESULT_CORRUPT
 */
export function openJournal(folder: string): Journal {
  const path = join(folder, journalFile);
  const entries = readEntries(path);
  const last = <State extends TrialState>(state: State) =>
    (entries.findLast((entry) => entry.state === state) ?? null) as EntryOf<State> | null;
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
    last,
    need(state) {
      const entry = last(state);
      if (entry === null) throw new Error(`the journal of the trial has no "${state}"`);
      return entry;
    },
    states: () => entries.map(({ state }) => state),
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
  const entries = whole.map((line, index) => readEntry(line, `"${path}", line ${index + 1}`));
  // Cut off in the middle of a line: that state was not reached.
  if (rest !== '') truncateSync(path, Buffer.byteLength(text) - Buffer.byteLength(rest));
  return entries;
}

function readEntry(line: string, where: string): JournalEntry {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw damaged(`${where}: it is not JSON (${messageOf(error)}).`);
  }
  const parsed = entrySchema.safeParse(value);
  if (parsed.success) return value as JournalEntry;
  const [issue] = parsed.error.issues;
  throw damaged(
    `${where}: it is no state of a trial (${issue?.path.join('.')}: ${issue?.message}).`,
  );
}

const damaged = (message: string) =>
  new BenchError('RESULT_CORRUPT', message, { hint: cannotGoOn });

export const cannotGoOn =
  'The trial cannot be resumed like this: bring the file back from a copy, or run the trial again in another folder.';
