import type { ScenarioSize } from '../../model/index.ts';

/**
 * Whoever makes a submission. A seam: scripts, searches and command-line agents are variants of it.
 * It runs inside a sandbox, in the workspace, and has what every agent has: ./evaluate, ./timer,
 * ./snapshot, the model and the engines.
 */
export interface ArenaAgent {
  /** For boards: two trials of one agent are repeats of each other. */
  readonly id: string;
  readonly version: string | null;
  /** A killed trial may start it again, in the same workspace and with what is left of its time. */
  readonly resumable: boolean;
  prepare(order: AgentOrder): Promise<AgentProgram>;
  /** What its end means, where its time was not up. */
  judgeExit(exit: { code: number | null; signal: string | null }): AgentExit;
}

export interface AgentExit {
  end: 'agent_done' | 'budget' | 'crashed' | 'provider_error';
  reason: string;
}

/** What an agent may know when it is set up. Paths are those inside. */
export interface AgentOrder {
  /** Folder of this machine for files of its own; seen inside, read-only, at `inside`. */
  folder: string;
  inside: string;
  size: ScenarioSize;
  /** Of the requests that ./evaluate sends, and of all chance in the agent. */
  devSeed: number;
  /** A Python 3 inside. */
  python: string;
  /** CPUs it may use. */
  cpus: number;
  /** Text of a start_server.sh that starts the engine with its defaults and these arguments. */
  startScript: (args: readonly string[]) => string;
}

export interface AgentProgram {
  command: readonly string[];
  env: Readonly<Record<string, string>>;
}

/** Exit code by which a program says that its model provider failed, not itself (EX_TEMPFAIL). */
const providerFailed = 75;
/** By which it says that what it may spend (tokens, money) is spent. */
const budgetSpent = 76;

/** What shells, `env` and our own starters mean by a code. */
const shellCodes: Readonly<Record<number, string>> = {
  126: 'a program that it calls is not executable',
  127: 'the interpreter of its #! line, or a program that it calls, was not found inside',
};

/** As most programs have it. */
export function judgeExitCode({
  code,
  signal,
}: {
  code: number | null;
  signal: string | null;
}): AgentExit {
  if (code === 0) return { end: 'agent_done', reason: 'it ended by itself' };
  if (code === providerFailed) {
    return { end: 'provider_error', reason: `exit code ${code}: its model provider failed` };
  }
  if (code === budgetSpent) {
    return { end: 'budget', reason: `exit code ${code}: its own budget is used up` };
  }
  const why = code === null ? undefined : shellCodes[code];
  if (why !== undefined)
    return { end: 'crashed', reason: `it ended with exit code ${code}: ${why}` };
  const how = code === null ? `signal ${signal ?? 'unknown'}` : `exit code ${code}`;
  return { end: 'crashed', reason: `it ended with ${how}` };
}
