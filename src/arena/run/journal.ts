import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
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
      /** Of `order.json`; null: the trial has none. Trials of before this was kept have no such field. */
      orderSha256?: string | null;
      /** How the size of the workspace is held; the same. */
      disk?: 'file-system' | 'watched';
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
    orderSha256: z.string().nullable().optional(),
    disk: z.enum(['file-system', 'watched']).optional(),
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
 * @param say told where the last line was cut off: that state was not reached
 * @throws BenchError RESULT_CORRUPT
 */
export function openJournal(folder: string, say: (line: string) => void = () => {}): Journal {
  const path = join(folder, journalFile);
  const { entries, wholeBytes, lacksNewline } = readEntries(path);
  if (wholeBytes !== null) {
    say(`The last line of "${path}" was cut off, and is left out: the trial goes on from before.`);
  }
  let isMended = false;
  const last = <State extends TrialState>(state: State) =>
    (entries.findLast((entry) => entry.state === state) ?? null) as EntryOf<State> | null;
  return {
    append(entry) {
      const file = openSync(path, 'a');
      try {
        if (!isMended && wholeBytes !== null) ftruncateSync(file, wholeBytes);
        const before = !isMended && lacksNewline ? '\n' : '';
        isMended = true;
        writeSync(file, `${before}${JSON.stringify(entry)}\n`);
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

interface Lines {
  entries: JournalEntry[];
  /** Up to a last line that was cut off; null = none was. */
  wholeBytes: number | null;
  lacksNewline: boolean;
}

function readEntries(path: string): Lines {
  let data: Buffer;
  try {
    data = readFileSync(path);
  } catch {
    return { entries: [], wholeBytes: null, lacksNewline: false };
  }
  const wholeBytes = data.lastIndexOf('\n') + 1;
  const rest = data.toString('utf8', wholeBytes);
  const lines = data.toString('utf8', 0, wholeBytes).split('\n').slice(0, -1);
  // What a power loss leaves of a line is no JSON. A line that is lacks its newline only.
  const isCutOff = rest !== '' && !isJson(rest);
  const lacksNewline = rest !== '' && !isCutOff;
  if (lacksNewline) lines.push(rest);
  const entries = lines.map((line, index) => readEntry(line, `"${path}", line ${index + 1}`));
  return { entries, wholeBytes: isCutOff ? wholeBytes : null, lacksNewline };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
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
