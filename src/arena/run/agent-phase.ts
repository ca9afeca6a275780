import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchError, packageFile, repeatEvery } from '../../core/index.ts';
import { findWithVariable, isProcessAlive, killAll } from '../../engines/index.ts';
import { ownCpus, type SandboxLimits, shareCpus, sweepStaleGroups } from '../../sandbox/index.ts';
import { createAgentClock, keepTimer } from '../phase/agent-clock.ts';
import { openEvaluator } from '../phase/evaluator.ts';
import { type AgentOutcome, runAgent } from '../phase/run-agent.ts';
import type { Journal, JournalEntry } from './journal.ts';
import { agentMount, enginesFor, openDisk, places, workspaceMount } from './places.ts';
import { createPreviews } from './previews.ts';
import { appendStart } from './server-starts.ts';
import type { TrialSetup } from './trial-setup.ts';
import { readUsed, writeUsed } from './used-time.ts';

/** In the environment of all that the agent starts: what a killed arena left is found by it. */
const trialVariable = 'ARENA_TRIAL';
const mostProcesses = 1024;
const GiB = 1024 ** 3;

/** The agent's time, from its start or from where it was. */
export async function agentPhase(
  setup: TrialSetup,
  journal: Journal,
  reach: (entry: JournalEntry) => Promise<void>,
): Promise<JournalEntry> {
  const { ctx, folder, stored, sandbox, agent, budgetS } = setup;
  const at = places(folder);
  const prepared = journal.need('prepared');
  const starting = journal.last('agent_starting');
  const started = journal.last('agent_started');
  // Once it was to be started, it may have run, whether that was still written down or not.
  const isAgain = starting !== null || started !== null;
  const atLeastS = Math.max(starting?.usedS ?? 0, started?.usedS ?? 0);
  const usedS = isAgain ? Math.max((await readUsed(at.used)) ?? 0, atLeastS) : 0;
  const ended = { state: 'agent_ended', interrupted: isAgain } as const;
  if (isAgain) {
    // It died with the arena; where the kernel could not see to that, it dies now.
    const known = started?.process ? [started.process] : [];
    const marked = findWithVariable(trialVariable, prepared.trialId);
    await killAll(ctx.clock, [...known, ...marked].filter(isProcessAlive));
    const swept = await sweepStaleGroups(ctx.clock);
    if (starting !== null) await removeHidden(starting.hidden);
    if (swept > 0) setup.say(`Ended ${swept} processes that outlived the arena.`);
    if (!prepared.resumable || usedS >= budgetS) {
      const reason = prepared.resumable
        ? 'the arena was killed, and the time is up'
        : 'the arena was killed, and this agent cannot be started again in the middle';
      setup.say(`The agent is not started again: ${reason}. What it left is judged.`);
      return { ...ended, end: 'infra', reason, usedS, receipt: null };
    }
    setup.say(`The agent goes on with ${Math.round(budgetS - usedS)} s.`);
  }
  await openDisk(setup);
  const time = createAgentClock(ctx.clock, budgetS, usedS);
  const engines = await enginesFor(setup);
  const hidden = await mkdtemp(hiddenPrefix());
  const service = join(hidden, 'arena');
  await mkdir(service, { mode: 0o755 });
  await writeFile(join(service, 'ask.py'), await readFile(packageFile('assets/arena/ask.py')));
  const arenaMount = { from: service, to: '/arena' };
  if (!isAgain) setup.say(`The agent runs: it has ${budgetS} s. Its log: ${at.agentLog}`);
  const giveUp = new AbortController();
  const { states, starts, workspace } = at;
  const previews = createPreviews(setup, { states, starts, workspace, time });
  const evaluator = await openEvaluator(service, (want, say) => previews(want, say, giveUp.signal));
  const timer = keepTimer(ctx.clock, time, service);
  const saving = repeatEvery(ctx.clock, 1_000, () => writeUsed(at.used, time.elapsedS()));
  const size = stored.scenario.classes[setup.class];
  try {
    await timer.again();
    const outcome = await runAgent(ctx, {
      sandbox,
      program: prepared.program,
      judgeExit: agent.judgeExit,
      accelerators: size.limits.accelerator !== null,
      workspace: workspaceMount(setup),
      readOnly: [
        agentMount(setup),
        setup.model.folder,
        ...setup.model.mounts,
        arenaMount,
        ...engines.mounts,
      ],
      env: {
        ARENA: sandbox.placeOf(arenaMount),
        BENCH_ENGINES: engines.place,
        MODEL_PATH: sandbox.placeOf(setup.model.folder),
        MODEL_NAME: setup.modelName,
        [trialVariable]: prepared.trialId,
        ...(isAgain && { ARENA_RESUMED: '1' }),
      },
      limits: limitsOf(size.limits, setup.diskBytes),
      time,
      logPath: at.agentLog,
      beforeStart: () => reach({ state: 'agent_starting', usedS, hidden }),
      onStart: (process) => reach({ state: 'agent_started', usedS, process }),
      onServer: (flags) =>
        appendStart(starts, { atS: time.elapsedS(), flags, submissionSha256: null }),
    });
    setup.say(describeEnd(outcome, { ranS: time.elapsedS() - usedS, logPath: at.agentLog }));
    return { ...ended, ...outcome, usedS: Math.min(budgetS, time.elapsedS()) };
  } finally {
    giveUp.abort(new BenchError('INTERRUPTED', "The agent's time is over."));
    await evaluator.close();
    await timer.stop();
    await saving.stop();
    await rm(hidden, { recursive: true, force: true });
  }
}

/** Sockets have short paths; nobody but the agent shall find this one. */
const hiddenPrefix = () => join(tmpdir(), 'bench-arena-');

async function removeHidden(folder: string): Promise<void> {
  if (!folder.startsWith(hiddenPrefix()) || folder.includes('..')) return;
  await rm(folder, { recursive: true, force: true });
}

function describeEnd(
  { end, reason, receipt }: AgentOutcome,
  { ranS, logPath }: { ranS: number; logPath: string },
): string {
  if (receipt === null) return `The agent could not be started (${end}): ${reason}.`;
  return `The agent ended after ${ranS.toFixed(1)} s (${end}): ${reason}. Its log: ${logPath}`;
}

function limitsOf(
  limits: { cpus: number; memoryGiB: number },
  diskBytes: number | null,
): SandboxLimits {
  return {
    memoryBytes: limits.memoryGiB * GiB,
    cpus: limits.cpus,
    // As its servers will have it.
    cpuset: shareCpus(ownCpus(), limits.cpus).program,
    processes: mostProcesses,
    diskBytes,
  };
}
