import { isBenchError, messageOf } from '../../core/index.ts';
import type { EngineContext, ProcessIdentity } from '../../engines/index.ts';
import { identifyProcess } from '../../engines/index.ts';
import type { TrialResult } from '../../model/index.ts';
import {
  reachedLimits,
  type Sandbox,
  type Sandboxed,
  type SandboxLimits,
  type SandboxMount,
  type SandboxReceipt,
} from '../../sandbox/index.ts';
import type { AgentExit, AgentProgram } from '../agents/agent.ts';
import type { AgentClock } from './agent-clock.ts';
import { watchStarts } from './watch-starts.ts';

type AgentEnd = NonNullable<TrialResult['agentPhase']>['end'];

export interface AgentRun {
  sandbox: Sandbox;
  program: AgentProgram;
  judgeExit(exit: { code: number | null; signal: string | null }): AgentExit;
  workspace: SandboxMount;
  readOnly: readonly SandboxMount[];
  env: Readonly<Record<string, string>>;
  limits: SandboxLimits;
  /** It sees those of this machine. */
  accelerators: boolean;
  time: AgentClock;
  logPath: string;
  /** Told before anything of it runs. */
  beforeStart(): Promise<void>;
  /** Told once it runs; null where the process cannot be seen. */
  onStart(process: ProcessIdentity | null): Promise<void>;
  /** Told of each known engine that it starts by itself, with its settings. */
  onServer(flags: string[]): void;
}

export interface AgentOutcome {
  end: AgentEnd;
  reason: string;
  /** Null: it was never started. */
  receipt: SandboxReceipt | null;
}

/** After the deadline, before it is killed. */
const graceMs = 10_000;
const mostLogBytes = 64 << 20;

/**
 * Runs an agent until it ends or its time is up, and ends everything that it started. Never rejects
 * for anything that the agent does; what the machine does is `infra`.
 * @throws the abort reason when `ctx.signal` is aborted; nothing is left running
 */
export async function runAgent(ctx: EngineContext, run: AgentRun): Promise<AgentOutcome> {
  ctx.signal?.throwIfAborted();
  await run.beforeStart();
  let sandboxed: Sandboxed;
  try {
    sandboxed = await run.sandbox.start(ctx, {
      command: run.program.command,
      workspace: run.workspace,
      readOnly: run.readOnly,
      env: { ...run.env, ...run.program.env },
      limits: run.limits,
      accelerators: run.accelerators,
      network: 'loopback',
      log: { path: run.logPath, maxBytes: mostLogBytes },
      timeLimitMs: run.time.remainingS() * 1000,
      timeLimitGraceMs: graceMs,
    });
  } catch (error) {
    if (!isBenchError(error)) throw error;
    return { end: 'infra', reason: messageOf(error), receipt: null };
  }
  const onAbort = () => void sandboxed.stop({ graceMs: 0 });
  ctx.signal?.addEventListener('abort', onAbort, { once: true });
  const pid = sandboxed.pid();
  await run.onStart(pid === null ? null : identifyProcess(pid));
  const servers = watchStarts(ctx, sandboxed.members, run.onServer);
  await sandboxed.exited;
  await servers.stop();
  ctx.signal?.removeEventListener('abort', onAbort);
  const receipt = await sandboxed.stop({ graceMs });
  ctx.signal?.throwIfAborted();
  return { ...explainEnd(receipt, run), receipt };
}

function explainEnd(
  receipt: SandboxReceipt,
  { judgeExit, time }: AgentRun,
): { end: AgentEnd; reason: string } {
  const { survivors, timedOut, limits, exit } = receipt;
  if (survivors.length > 0) {
    return { end: 'infra', reason: `${survivors.length} of its processes could not be ended` };
  }
  if (timedOut) return { end: 'deadline', reason: `its ${time.budgetS} s were up` };
  const { end, reason } = judgeExit(exit ?? { code: null, signal: null });
  if (end !== 'crashed') return { end, reason };
  const hit = reachedLimits(limits);
  const limit = hit.length === 0 ? '' : `; it had reached its limit of ${hit.join(', ')}`;
  return { end, reason: `${reason}${limit}` };
}
