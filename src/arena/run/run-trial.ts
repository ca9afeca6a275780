import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchError, messageOf, packageFile, repeatEvery } from '../../core/index.ts';
import { findWithVariable, isProcessAlive, killAll } from '../../engines/index.ts';
import type { MeasuredState, TrialResult } from '../../model/index.ts';
import { createRunId, toWriteError } from '../../results/index.ts';
import {
  openWorkspaceDisk,
  ownCpus,
  type SandboxLimits,
  type SandboxMount,
  type SandboxReceipt,
  shareCpus,
  sweepStaleGroups,
} from '../../sandbox/index.ts';
import { collectToKeep, NotCollected } from '../judge/collect.ts';
import type { Judgement } from '../judge/order.ts';
import { trialOf } from '../judge/trial-of.ts';
import { createAgentClock, keepTimer } from '../phase/agent-clock.ts';
import { makeEnginesFolder } from '../phase/engines-folder.ts';
import { openEvaluator } from '../phase/evaluator.ts';
import { renderMission } from '../phase/mission.ts';
import { runAgent } from '../phase/run-agent.ts';
import { bestState } from '../phase/states.ts';
import { buildWorkspace } from '../phase/workspace.ts';
import { commitmentLine, commitTo } from '../trial/commitment.ts';
import { trialFile } from '../trial/read-trial.ts';
import { type Journal, type JournalEntry, openJournal } from './journal.ts';
import { createPreviews } from './previews.ts';
import { appendStart, readStarts } from './server-starts.ts';
import type { TrialSetup } from './trial-setup.ts';

/** Where what lies inside the trial's folder. Only the workspace and `agent` are shown inside. */
const places = (folder: string) => ({
  workspace: join(folder, 'workspace'),
  agent: join(folder, 'agent'),
  engines: join(folder, 'engines'),
  states: join(folder, 'states'),
  starts: join(folder, 'starts.jsonl'),
  submission: join(folder, 'submission'),
  last: join(folder, 'last'),
  judge: join(folder, 'judge'),
  secret: join(folder, 'secret'),
  used: join(folder, 'used.json'),
  agentLog: join(folder, 'agent.log'),
  trial: join(folder, trialFile),
});

/** In the environment of all that the agent starts: what a killed arena left is found by it. */
const trialVariable = 'ARENA_TRIAL';
const mostProcesses = 1024;
const GiB = 1024 ** 3;

/**
 * Runs a trial through its states, or goes on where a killed one was: prepare, agent, collect, judge,
 * done. Each state is on disk before the next one begins.
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
  }
}

async function goThrough(setup: TrialSetup): Promise<TrialResult> {
  await mkdir(setup.folder, { recursive: true });
  const journal = openJournal(setup.folder);
  const reach = async (entry: JournalEntry) => {
    journal.append(entry);
    await setup.onState?.(entry.state);
  };
  if (journal.last('prepared') === null) await reach(await prepare(setup));
  if (journal.last('agent_ended') === null) await reach(await agentPhase(setup, journal, reach));
  if (journal.last('collected') === null) await reach(await collect(setup));
  if (journal.last('judged') === null) {
    const trial = await judge(setup, journal);
    const { trial: path } = places(setup.folder);
    await writeFile(`${path}.new`, `${JSON.stringify(trial, null, 2)}\n`);
    await rename(`${path}.new`, path);
    await reach({ state: 'judged' });
  }
  if (journal.last('done') === null) {
    await (await openDisk(setup)).remove();
    await reach({ state: 'done' });
  }
  return JSON.parse(await readFile(places(setup.folder).trial, 'utf8')) as TrialResult;
}

const openDisk = ({ ctx, folder, diskBytes }: TrialSetup) =>
  openWorkspaceDisk(ctx, places(folder).workspace, diskBytes);

async function prepare(setup: TrialSetup): Promise<JournalEntry> {
  const { ctx, folder, stored, sandbox, agent, startingPoint, startFolder, startScript, seeds } =
    setup;
  const at = places(folder);
  const size = stored.scenario.classes[setup.class];
  // A kill in the middle leaves half of it: begin with nothing.
  await (await openDisk(setup)).remove();
  for (const dir of [at.agent, at.engines, at.states, at.starts])
    await rm(dir, { recursive: true, force: true });
  const disk = await openDisk(setup);
  if (disk.by === 'watched' && setup.diskBytes !== null) {
    setup.say('The workspace has no file system of its own here: its size is watched instead.');
  }
  const secret = randomBytes(32);
  await writeFile(at.secret, secret.toString('hex'), { mode: 0o600 });
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
  const secretSha256 = commitTo(secret);
  setup.say(commitmentLine(secret));
  return {
    state: 'prepared',
    trialId: `trial-${createRunId(ctx.clock)}`,
    startedAt: new Date(ctx.clock.wallMs()).toISOString(),
    secretSha256,
    program,
    resumable: agent.resumable,
    missionSha256: createHash('sha256').update(mission).digest('hex'),
  };
}

const workspaceMount = ({ folder }: TrialSetup): SandboxMount => ({
  from: places(folder).workspace,
  to: '/workspace',
});
const agentMount = ({ folder }: TrialSetup): SandboxMount => ({
  from: places(folder).agent,
  to: '/agent',
});

const enginesFor = ({ folder, python, engines, sandbox }: TrialSetup) =>
  makeEnginesFolder(places(folder).engines, { python, engines, placeOf: sandbox.placeOf });

/** The agent's time, from its start or from where it was. */
async function agentPhase(
  setup: TrialSetup,
  journal: Journal,
  reach: (entry: JournalEntry) => Promise<void>,
): Promise<JournalEntry> {
  const { ctx, folder, stored, sandbox, agent, budgetS } = setup;
  const at = places(folder);
  const prepared = need(journal.last('prepared'));
  const starting = journal.last('agent_starting');
  const started = journal.last('agent_started');
  // Once it was to be started, it may have run, whether that was still written down or not.
  const isAgain = starting !== null || started !== null;
  const atLeastS = Math.max(starting?.usedS ?? 0, started?.usedS ?? 0);
  const usedS = isAgain ? await readUsed(at.used, atLeastS) : 0;
  const ended = { state: 'agent_ended', interrupted: isAgain } as const;
  if (isAgain) {
    // It died with the arena; where the kernel could not see to that, it dies now.
    const known = started?.process ? [started.process] : [];
    const marked = findWithVariable(trialVariable, prepared.trialId);
    await killAll(ctx.clock, [...known, ...marked].filter(isProcessAlive));
    const swept = await sweepStaleGroups(ctx.clock);
    if (swept > 0) setup.say(`Ended ${swept} processes that outlived the arena.`);
    if (!prepared.resumable || usedS >= budgetS) {
      const reason = prepared.resumable
        ? 'the arena was killed, and the time is up'
        : 'the arena was killed, and this agent cannot be started again in the middle';
      return { ...ended, end: 'infra', reason, usedS, receipt: null };
    }
    setup.say(`The agent goes on with ${Math.round(budgetS - usedS)} s.`);
  }
  await openDisk(setup);
  const time = createAgentClock(ctx.clock, budgetS, usedS);
  const engines = await enginesFor(setup);
  // Sockets have short paths; nobody but the agent shall find this one.
  const hidden = await mkdtemp(join(tmpdir(), 'bench-arena-'));
  const service = join(hidden, 'arena');
  await mkdir(service, { mode: 0o755 });
  await writeFile(join(service, 'ask.py'), await readFile(packageFile('assets/arena/ask.py')));
  const arenaMount = { from: service, to: '/arena' };
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
      beforeStart: () => reach({ state: 'agent_starting', usedS }),
      onStart: (process) => reach({ state: 'agent_started', usedS, process }),
      onServer: (flags) =>
        appendStart(starts, { atS: time.elapsedS(), flags, submissionSha256: null }),
    });
    return { ...ended, ...outcome, usedS: Math.min(budgetS, time.elapsedS()) };
  } finally {
    giveUp.abort(new BenchError('INTERRUPTED', "The agent's time is over."));
    await evaluator.close();
    await timer.stop();
    await saving.stop();
    await rm(hidden, { recursive: true, force: true });
  }
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

async function writeUsed(path: string, usedS: number): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify({ usedS }))
    .then(() => rename(`${path}.new`, path))
    .catch(() => {});
}

async function readUsed(path: string, atLeast: number): Promise<number> {
  try {
    const { usedS } = JSON.parse(await readFile(path, 'utf8')) as { usedS: number };
    return Math.max(usedS, atLeast);
  } catch {
    return atLeast;
  }
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

async function judge(setup: TrialSetup, journal: Journal): Promise<TrialResult> {
  const { ctx, folder, stored, agent, seeds, budgetS, sandbox } = setup;
  const at = places(folder);
  const prepared = need(journal.last('prepared'));
  const phase = need(journal.last('agent_ended'));
  const { submission, reason, last = null } = need(journal.last('collected'));
  const secret = Buffer.from(await readFile(at.secret, 'utf8'), 'hex');
  const best = await bestState(at.states);
  let judgement: Judgement;
  if (phase.end === 'infra' && !phase.interrupted) {
    judgement = withoutJudge({ kind: 'infra_error', reason: phase.reason });
  } else if (submission === null) {
    judgement = withoutJudge({ kind: 'server_fail', reason });
  } else {
    await rm(at.judge, { recursive: true, force: true });
    await mkdir(at.judge);
    judgement = await setup.judge({ submissionDir: at.submission, workDir: at.judge, secret });
    ctx.signal?.throwIfAborted();
    if (judgement.submission !== null && judgement.submission.sha256 !== submission.sha256) {
      const changed = 'what was judged is not what was collected';
      judgement = withoutJudge({ kind: 'infra_error', reason: changed });
    }
  }
  const isBest = stored.scenario.policy === 'best_verified' && best !== null;
  const starts = await readStarts(at.starts);
  const stateOf = (state: MeasuredState | null) => {
    const seen = starts.find(
      ({ submissionSha256 }) => submissionSha256 === state?.submissionSha256,
    );
    return state === null ? null : { ...state, atS: seen?.atS ?? null };
  };
  const order = {
    ...{ stored, class: setup.class, submissionDir: at.submission, collectDir: at.judge, secret },
    ...{ forcedEngine: setup.entry.forcedEngine, storedReference: null },
  };
  const trial = await trialOf(order, judgement, {
    trialId: prepared.trialId,
    startedAt: prepared.startedAt,
    endedAt: new Date(ctx.clock.wallMs()).toISOString(),
    version: setup.toolVersion,
    machine: setup.machine,
    entry: {
      agent: { id: agent.id, version: agent.version },
      ...setup.entry,
      promptSha256: prepared.missionSha256,
    },
    seeds,
    bestVerified: isBest ? stateOf(judgement.state) : (best?.kept.state ?? null),
    agentPhase: {
      end: phase.end,
      budgetS,
      wallS: phase.usedS,
      sandboxed: sandbox.isolates,
      reason: phase.reason,
      interrupted: phase.interrupted,
      receipt: phase.receipt === null ? null : summarize(phase.receipt),
      serverStarts: starts.map(({ atS, flags }) => ({ atS, flags })),
    },
  });
  if (!isBest) return { ...trial, final: stateOf(trial.final) };
  return { ...trial, final: stateOf(await judgeLast(setup, { last, judged: judgement, secret })) };
}

/** Where the best state was judged: the last one too, for what was found against what was left. */
async function judgeLast(
  { ctx, folder, judge: judgeAgain }: TrialSetup,
  options: { last: TrialResult['submission']; judged: Judgement; secret: Buffer },
): Promise<MeasuredState | null> {
  const { last, judged, secret } = options;
  const at = places(folder);
  if (last === null || judged.state === null) return null;
  if (last.sha256 === judged.state.submissionSha256) return judged.state;
  const workDir = join(at.judge, 'last');
  await mkdir(workDir, { recursive: true });
  const { state, outcome, reference } = await judgeAgain({
    submissionDir: at.last,
    workDir,
    secret,
  });
  ctx.signal?.throwIfAborted();
  return state === null ? null : { ...state, outcome: outcome.kind, reference: reference.launches };
}

function summarize(receipt: SandboxReceipt) {
  const { how, aliveAtStop, sweptPids, endedBy, survivors, limits, memoryPeakBytes } = receipt;
  const counts = { aliveAtStop, swept: sweptPids.length, endedBy, survivors: survivors.length };
  return { how, ...counts, limits, memoryPeakBytes };
}

const withoutJudge = (outcome: TrialResult['outcome']): Judgement => ({
  outcome,
  submission: null,
  finalSeed: null,
  engine: null,
  reference: {
    ...{ measured: 'in_trial', launches: [], aloneP50Ms: null },
    ...{ alikeShare: null, modelSha256: null, again: [] },
  },
  state: null,
  stages: [],
});

function need<T>(value: T | null): T {
  if (value === null) throw new Error('a state of the trial is missing from its journal');
  return value;
}
