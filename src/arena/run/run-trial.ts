import { createHash, randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { messageOf } from '../../core/index.ts';
import type { TrialResult } from '../../model/index.ts';
import { createRunId, toWriteError } from '../../results/index.ts';
import { closeWorkspaceDisk, removeWorkspaceDisk } from '../../sandbox/index.ts';
import { collectToKeep, NotCollected } from '../judge/collect.ts';
import { createAgentClock } from '../phase/agent-clock.ts';
import { renderMission } from '../phase/mission.ts';
import { bestState } from '../phase/states.ts';
import { buildWorkspace } from '../phase/workspace.ts';
import { commitmentLine, commitTo } from '../trial/commitment.ts';
import { readTrial } from '../trial/read-trial.ts';
import { agentPhase } from './agent-phase.ts';
import { checkLeft, hashOrder, readSecret } from './check-left.ts';
import { type JournalEntry, openJournal } from './journal.ts';
import { judgeTrial } from './judge-phase.ts';
import { agentMount, enginesFor, openDisk, places, workspaceMount } from './places.ts';
import type { TrialSetup } from './trial-setup.ts';

/**
 * Runs a trial through its states, or goes on where a killed one was: prepare, agent, collect, judge,
 * done. Each state is on disk before the next one begins. However it ends, nothing stays mounted.
 *
 * @throws BenchError PREREQ_SANDBOX, RESULT_CORRUPT, RESULT_DISK_FULL; the abort reason: it can be resumed then
 */
export async function runTrial(setup: TrialSetup): Promise<TrialResult> {
  try {
    return await goThrough(setup);
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
    throw toWriteError(error, setup.folder);
  } finally {
    await closeWorkspaceDisk(setup.ctx, places(setup.folder).workspace);
  }
}

async function goThrough(setup: TrialSetup): Promise<TrialResult> {
  const { ctx, folder } = setup;
  const at = places(folder);
  await mkdir(folder, { recursive: true });
  const journal = openJournal(folder, setup.say);
  await checkLeft(folder, journal);
  if (journal.last('done') !== null)
    setup.say('The trial is finished: nothing of it is run again.');
  const reach = async (entry: JournalEntry) => {
    journal.append(entry);
    await setup.onState?.(entry.state);
  };
  if (journal.last('prepared') === null) {
    const secret = randomBytes(32);
    const prepared = await prepare(setup, commitTo(secret));
    // From here on no other secret may be drawn: it is published when both are on disk.
    await writeFile(at.secret, secret.toString('hex'), { mode: 0o600 });
    try {
      journal.append(prepared);
    } catch (error) {
      await rm(at.secret);
      throw error;
    }
    await setup.onState?.(prepared.state);
  }
  if (journal.last('judged') === null) {
    setup.say(commitmentLine(await readSecret(folder, journal)));
  }
  if (journal.last('agent_ended') === null) await reach(await agentPhase(setup, journal, reach));
  if (journal.last('collected') === null) await reach(await collect(setup));
  if (journal.last('judged') === null) {
    const trial = await judgeTrial(setup, journal);
    await writeFile(`${at.trial}.new`, `${JSON.stringify(trial, null, 2)}\n`);
    await rename(`${at.trial}.new`, at.trial);
    await reach({ state: 'judged' });
  }
  if (journal.last('done') === null) {
    await removeWorkspaceDisk(ctx, at.workspace);
    await reach({ state: 'done' });
  }
  return readTrial(folder);
}

async function prepare(setup: TrialSetup, secretSha256: string): Promise<JournalEntry> {
  const { ctx, folder, stored, sandbox, agent, startingPoint, startFolder, startScript, seeds } =
    setup;
  const at = places(folder);
  const size = stored.scenario.classes[setup.class];
  // A kill in the middle leaves half of it: begin with nothing.
  await removeWorkspaceDisk(ctx, at.workspace);
  for (const dir of [at.agent, at.engines, at.states, at.starts])
    await rm(dir, { recursive: true, force: true });
  const disk = await openDisk(setup);
  if (disk === 'watched' && setup.diskBytes !== null) {
    setup.say('The workspace has no file system of its own here: its size is watched instead.');
  }
  const engines = await enginesFor(setup);
  const mission = renderMission({
    scenario: stored.scenario,
    size,
    budgetS: setup.budgetS,
    reserveS: createAgentClock(ctx.clock, setup.budgetS, 0).reserveS,
    startingPoint,
    ownLauncher: startFolder !== null,
    places: {
      model: sandbox.placeOf(setup.model.folder),
      engines: engines.place,
      workspace: sandbox.placeOf(workspaceMount(setup)),
    },
    modelName: setup.modelName,
    modelFiles: setup.model.names,
    engines: engines.lines,
    forcedEngine: setup.entry.forcedEngine,
    sandboxed: sandbox.isolates,
  });
  const running = startFolder === null ? { text: startScript([]) } : { folder: startFolder };
  await buildWorkspace(at.workspace, { mission, startingPoint, running });
  await mkdir(at.agent, { recursive: true });
  const program = await agent.prepare({
    folder: at.agent,
    inside: sandbox.placeOf(agentMount(setup)),
    size,
    devSeed: seeds.dev,
    python: `${engines.place}/bin/python3`,
    cpus: Math.min(size.limits.cpus, ctx.cpuCount),
    startScript,
  });
  return {
    state: 'prepared',
    trialId: `trial-${createRunId(ctx.clock)}`,
    startedAt: new Date(ctx.clock.wallMs()).toISOString(),
    secretSha256,
    program,
    resumable: agent.resumable,
    missionSha256: createHash('sha256').update(mission).digest('hex'),
    orderSha256: await hashOrder(folder),
    disk,
  };
}

/** Copies what is judged out of the workspace, or the best state that was kept and the last one too. */
async function collect(setup: TrialSetup): Promise<JournalEntry> {
  const at = places(setup.folder);
  await openDisk(setup);
  const best = setup.stored.scenario.policy === 'best_verified' ? await bestState(at.states) : null;
  const judged = await copyOut(best?.files ?? at.workspace, at.submission);
  if (best === null) return { state: 'collected', ...judged };
  return { state: 'collected', ...judged, last: (await copyOut(at.workspace, at.last)).submission };
}

async function copyOut(
  from: string,
  into: string,
): Promise<{ submission: TrialResult['submission']; reason: string | null }> {
  await rm(into, { recursive: true, force: true });
  await mkdir(into, { recursive: true });
  try {
    return { submission: await collectToKeep(from, into), reason: null };
  } catch (error) {
    if (!(error instanceof NotCollected)) throw error;
    return { submission: null, reason: messageOf(error) };
  }
}
