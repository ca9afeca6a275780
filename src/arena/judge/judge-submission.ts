import { mkdir } from 'node:fs/promises';
import { isBenchError, messageOf } from '../../core/index.ts';
import type {
  AskedQuestions,
  MeasuredLaunch,
  TrialCheck,
  TrialOutcome,
} from '../../model/index.ts';
import { alikeShare } from '../checks/canned-answers.ts';
import type {
  AnswerPair,
  Check,
  CheckRun,
  CheckVerdict,
  Evidence,
  Lab,
  Preparation,
} from '../checks/check.ts';
import { shortPromptTokens } from '../checks/lengths.ts';
import { median } from '../checks/numbers.ts';
import { partOf, shippedQuestions } from '../checks/questions.ts';
import { createChecks } from '../checks/registry.ts';
import { sampleOf } from '../checks/replay.ts';
import { askSecondOpinion } from '../checks/second-opinion.ts';
import type { TokenMatch } from '../checks/token-match.ts';
import { findRules } from '../scoring/read-rules.ts';
import { deriveFinalSeed } from '../trial/commitment.ts';
import { addCanaries } from './canary-traffic.ts';
import { type Collected, collectSubmission, NotCollected } from './collect.ts';
import { mostDrift } from './drift.ts';
import { engineSeen } from './engine-seen.ts';
import { createAskMaker, seedsFrom } from './make-ask.ts';
import type { Judgement, JudgeOrder, JudgeStage } from './order.ts';
import { outcomeOf } from './outcome.ts';
import type {
  Answer,
  Ask,
  JudgePorts,
  LaunchedSubmission,
  LaunchTrace,
  ReferenceServer,
} from './ports.ts';
import { raiseRate, sideAt, storedSideAt, type TimedSide } from './raise-rate.ts';
import { readCollected } from './read-collected.ts';
import { type ReferenceTimed, type SubsetRule, timeReference } from './reference-subset.ts';
import { rememberScores } from './remember-scores.ts';
import { speedFigures } from './speed-figures.ts';
import { groundOf, requireGround, requireModel } from './stored-reference.ts';
import {
  makeTimedProfiles,
  type TimedProfile,
  trafficOf,
  withoutCanaries,
} from './timed-traffic.ts';
import { traceSubmission } from './trace-submission.ts';

/** Ends the judging early, with an outcome. */
class Ended extends Error {
  readonly kind: TrialOutcome;
  constructor(kind: TrialOutcome, reason: string) {
    super(reason);
    this.kind = kind;
  }
}

/** Requests by which a reference is known again. */
const driftRequests = 4;
/** Longer answers tell no more of its speed, and take minutes each. */
const mostDriftTokens = 512;
/** Of each profile, where the answers of a stored reference are to be compared with. */
const askedAgain = 16;

/**
 * Judges a folder with a launch script, without any agent. Never rejects for anything that the
 * submission does: that is an outcome, and what fails on the judge's own side is `infra_error`.
 * @throws BenchError PREREQ_REFERENCE for a stored reference of another model or on other ground;
 * the abort reason when `ports.signal` is aborted; nothing is left running
 */
export async function judgeSubmission(order: JudgeOrder, ports: JudgePorts): Promise<Judgement> {
  const { clock, signal } = ports;
  const size = order.stored.scenario.classes[order.class];
  let match: TokenMatch | null = null;
  const trial = new Trial();
  const checks = createChecks({
    match(found) {
      match = found;
    },
    questions(asked) {
      trial.questions = asked;
    },
  }).filter((check) => check.id !== 'quality' || size.quality !== null);
  const opened = checks.map((check) => ({ check, run: check.open() }));
  const traced = opened.filter(({ check }) => check.traced);
  const untraced = opened.filter(({ check }) => !check.traced);
  const stages: Judgement['stages'] = [];

  const stage = async <T>(name: JudgeStage, work: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    ports.say(name.replaceAll('_', ' '));
    const startUs = clock.nowUs();
    let ended: 'ok' | 'stopped' = 'stopped';
    try {
      const value = await work();
      ended = 'ok';
      return value;
    } finally {
      stages.push({ stage: name, tookMs: (clock.nowUs() - startUs) / 1000, ended });
    }
  };

  let outcome: Judgement['outcome'];
  const verdicts: TrialCheck[] = [];
  try {
    const collected = await stage('collect', () => collect(order));
    trial.collected = collected;
    trial.finalSeed = order.devSeed ?? deriveFinalSeed(order.secret, collected.sha256);
    trial.model.before = await arenaDoes(ports.hashModel());
    if (order.storedReference !== null) requireModel(order.storedReference, trial.model.before);
    await stage('readiness', () => withLaunch(order, ports, trial, async () => {}));
    verdicts.push({
      ...{ id: 'readiness', kind: 'readiness', required: true, verdict: 'pass' },
      evidence: `answered a real generation ${(trial.readyMs[0] ?? 0).toFixed(0)} ms after its start`,
    });
    const prepared = await stage('reference', () => prepare(order, ports, trial, opened));
    const { storedReference: stored } = order;
    if (stored !== null && ports.ground) requireGround(stored, groundOf(ports.ground()));
    await stage('probes', () =>
      withLaunch(order, ports, trial, async (server) => {
        const lab = labOf(server, trial);
        for (const { run } of opened) await run.probe?.(lab);
      }),
    );
    await stage('timed', () =>
      withLaunch(order, ports, trial, async (server) => {
        const lab = labOf(server, trial);
        for (const { run } of opened) await run.probeRelaunch?.(lab);
        await timeProfiles(order, server, prepared, trial);
        for (const { run } of opened) await run.probeAfter?.(lab);
      }),
    );
    trial.model.after = await arenaDoes(ports.hashModel());
    // No server is up between these two stages.
    trial.weights = await stage('memory', () => ports.timeWeights().catch(unmeasured));
    const evidence = await stage('reference_again', () =>
      withReference(ports, async (reference) => {
        await compareReference(order, reference, prepared, trial);
        const found = await evidenceOf(order, reference, trial, size);
        for (const one of untraced) verdicts.push(await decide(one, found, size));
        await countSpeeds(found, trial);
        return found;
      }),
    );
    // Not for a score that is void already.
    if (outcomeOf(verdicts).kind === 'scored') {
      const [known] = prepared.drift;
      const launch = { known, readyMs: trial.readyMs };
      evidence.calls = await stage('trace', () => traceSubmission(ports, order.collectDir, launch));
    }
    for (const one of traced) verdicts.push(await decide(one, evidence, size));
    if (ports.secondOpinion) {
      verdicts.push(await askSecondOpinion(ports.secondOpinion, evidence, verdicts));
    }
    outcome = outcomeOf(verdicts);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Ended)) throw error;
    outcome = { kind: error.kind, reason: error.message };
    if (error.kind === 'server_fail') {
      const at = verdicts.findIndex(({ id }) => id === 'readiness');
      const failed: TrialCheck = {
        ...{ id: 'readiness', kind: 'readiness', required: true, verdict: 'fail' },
        evidence: error.message,
      };
      if (at === -1) verdicts.unshift(failed);
      else verdicts[at] = failed;
    }
    for (const { check } of opened) {
      if (verdicts.some(({ id }) => id === check.id)) continue;
      const why = { verdict: 'not_run', evidence: `ended before: ${error.message}` } as const;
      verdicts.push({ ...describe(check, size), ...why });
    }
  }
  const engine = engineSeen(trial.traces);
  const wrong =
    order.forcedEngine !== null && outcome.kind === 'scored' && engine?.id !== order.forcedEngine;
  if (wrong) {
    outcome = {
      kind: 'wrong_engine',
      reason: `${engine?.id ?? 'no known engine'} was started instead of ${order.forcedEngine}`,
    };
  }
  const { collected } = trial;
  return {
    outcome,
    submission: collected,
    finalSeed: trial.finalSeed,
    engine,
    ...(ports.ground !== undefined && { ground: ports.ground() }),
    ...(trial.questions !== null && { questions: trial.questions }),
    reference: {
      measured: order.storedReference === null ? 'in_trial' : 'stored',
      launches: launchesOf(order, trial),
      again: order.storedReference === null ? [] : trial.referenceTimed.map(idOf),
      aloneP50Ms: trial.aloneP50Ms,
      alikeShare: alikeOf(order, trial),
      modelSha256: trial.model.before,
      ...subsetOf(order, trial),
    },
    state:
      collected === null
        ? null
        : {
            submissionSha256: collected.sha256,
            atS: null,
            measuredBy: 'judge',
            outcome: outcome.kind,
            checks: verdicts,
            launches: trial.launches,
            correctness: match,
            reference: null,
          },
    stages,
  };
}

/** How much the reference was asked, here or when it was stored. */
function subsetOf(
  { storedReference }: JudgeOrder,
  { referenceTimed }: Trial,
): Pick<Judgement['reference'], 'subset'> {
  const here = referenceTimed.flatMap(({ subset }) => subset ?? []);
  const before = (storedReference?.subset ?? []).filter(
    ({ profile }) => !referenceTimed.some((one) => idOf(one) === profile),
  );
  const subset = [...before, ...here];
  return subset.length === 0 ? {} : { subset };
}

/** What is known so far. */
class Trial {
  collected: Collected | null = null;
  finalSeed: string | null = null;
  readonly model: { before: string | null; after: string | null } = { before: null, after: null };
  readonly readyMs: number[] = [];
  readonly traces: LaunchTrace[] = [];
  readonly all: Answer[] = [];
  readonly gate: Answer[] = [];
  timed: TimedSide[] = [];
  /** With a stored reference only what had to be measured again. */
  referenceTimed: (ReferenceTimed & TimedSide)[] = [];
  /** Greedy answers of a stored reference to some of the timed requests. */
  referenceAgain: TimedSide[] = [];
  weights: Evidence['weights'] = { unknown: 'it never came to that' };
  aloneP50Ms: number | null = null;
  questions: AskedQuestions | null = null;
  launches: MeasuredLaunch[] = [];
  referenceLaunches: MeasuredLaunch[] = [];
}

interface Prepared {
  profiles: TimedProfile[];
  drift: Ask[];
  rule: SubsetRule;
}

type OpenedCheck = { check: Check; run: CheckRun };

async function collect({ submissionDir, collectDir }: JudgeOrder): Promise<Collected> {
  await mkdir(collectDir, { recursive: true });
  try {
    return await collectSubmission(submissionDir, collectDir);
  } catch (error) {
    if (error instanceof NotCollected)
      throw new Ended('server_fail', `nothing to start: ${error.message}`);
    throw new Ended('infra_error', `collecting failed: ${messageOf(error)}`);
  }
}

/** Not required: what cannot be measured is no infra error. */
const unmeasured = (error: unknown) => ({ unknown: `it failed: ${messageOf(error)}` });

/** What the arena itself does for a trial; a failure says nothing about the submission. */
async function arenaDoes<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Ended) throw error;
    throw new Ended('infra_error', messageOf(error));
  }
}

/** A fresh start of the submission around some work; everything of it is gone afterwards. */
async function withLaunch(
  { collectDir }: JudgeOrder,
  ports: JudgePorts,
  trial: Trial,
  work: (server: LaunchedSubmission) => Promise<void>,
): Promise<void> {
  const server = await arenaDoes(ports.launch(collectDir));
  let failure: unknown = null;
  try {
    try {
      trial.readyMs.push((await server.ready()).readyMs);
    } catch (error) {
      ports.signal.throwIfAborted();
      if (!isBenchError(error) || !error.code.startsWith('ENGINE_')) throw error;
      throw new Ended('server_fail', error.message);
    }
    await work(server);
    if (server.hasExited()) {
      throw new Ended('server_fail', 'the launcher ended while the server was asked');
    }
  } catch (error) {
    failure = error;
  }
  const trace = await server.stop();
  trial.traces.push(trace);
  if (failure !== null) throw withLimits(failure, trace);
}

/** Who ran into a limit is told so. */
function withLimits(failure: unknown, { stop }: LaunchTrace): unknown {
  const reached = stop?.reachedLimits ?? [];
  const isItsOwn = failure instanceof Ended && failure.kind === 'server_fail';
  if (!isItsOwn || reached.length === 0) return failure;
  const message = `${failure.message}; it had reached its limit of ${reached.join(', ')}`;
  return new Ended(failure.kind, message);
}

async function withReference<T>(
  ports: JudgePorts,
  work: (reference: ReferenceServer) => Promise<T>,
): Promise<T> {
  const reference = await arenaDoes(ports.startReference());
  try {
    return await arenaDoes(work(reference));
  } finally {
    await reference.stop();
  }
}

/** With the reference up: everything that will be asked, and the reference's own figures. */
async function prepare(
  order: JudgeOrder,
  ports: JudgePorts,
  trial: Trial,
  opened: readonly OpenedCheck[],
): Promise<Prepared> {
  const size = order.stored.scenario.classes[order.class];
  const seedOf = seedsFrom(trial.finalSeed ?? '');
  return withReference(ports, async (reference) => {
    const { oracle } = reference;
    const makeAsk = createAskMaker(ports, oracle, size);
    const set = order.questions ?? shippedQuestions;
    const part = order.devSeed === undefined ? 'final' : 'dev';
    const questions = partOf(set, size.quality?.minQuestions ?? 0, part);
    const prep: Preparation = { size, oracle, reference, questions, seedOf, makeAsk };
    const profiles = await addCanaries(await makeTimedProfiles(size, prep), prep);
    const rule = { reference: size.reference, terms: await termsOf(order), seedOf };
    const drift: Ask[] = [];
    const outputTokens = Math.min(size.profiles[0]?.outputTokens.max ?? 64, mostDriftTokens);
    for (let at = 0; at < driftRequests; at++) {
      const seed = seedOf(`drift/${at}`);
      drift.push(await makeAsk({ seed, inputTokens: shortPromptTokens(size), outputTokens }));
    }
    for (const { run } of opened) await run.prepare?.(prep);
    if (order.storedReference === null) {
      for (const profile of profiles) {
        const measure = async (factor: number) => {
          const timed = await timeReference(reference, profile, factor, rule);
          requireReference(timed.answers);
          return timed;
        };
        const raise = { class: order.class, other: { factor: 1, completedRps: null }, measure };
        trial.referenceTimed.push(await raiseRate(profile, raise));
      }
    }
    const aloneP50Ms = await timeAlone(reference, drift);
    if (order.storedReference !== null) {
      requireSame(order, order.storedReference.aloneP50Ms, aloneP50Ms, 'since it was stored');
    }
    trial.aloneP50Ms = aloneP50Ms;
    return { profiles, drift, rule };
  });
}

/** What the scenario's score is made of; everything, where its rules come later. */
async function termsOf({ stored: { scenario } }: JudgeOrder): Promise<SubsetRule['terms']> {
  const { scenarios } = await findRules(scenario.scoring);
  const scored = scenarios.find(({ id }) => id === scenario.id);
  return scored?.terms ?? ['ttft_p50', 'tpot_p50', 'latency_p50', 'valid_completed_rate'];
}

/** The timed traffic, from the rates on that the reference came to. */
async function timeProfiles(
  order: JudgeOrder,
  server: LaunchedSubmission,
  { profiles }: Prepared,
  trial: Trial,
): Promise<void> {
  for (const profile of profiles) {
    const other = referenceAt(order, trial, profile);
    const measure = async (factor: number) => {
      const traffic = trafficOf(profile, factor);
      const answers = await server.send(traffic);
      trial.all.push(...answers);
      return { traffic, answers };
    };
    trial.timed.push(await raiseRate(profile, { class: order.class, other, measure }));
  }
}

function referenceAt({ storedReference }: JudgeOrder, trial: Trial, profile: TimedProfile) {
  const side = trial.referenceTimed.find((one) => idOf(one) === profile.profile.id);
  if (side !== undefined) return sideAt(profile, side);
  return storedSideAt(profile, storedReference?.launches ?? []);
}

const idOf = ({ traffic }: TimedSide) => traffic.id;

/** The reference again: drift, and the profiles whose rate was raised for the other side. */
async function compareReference(
  order: JudgeOrder,
  reference: ReferenceServer,
  { profiles, drift, rule }: Prepared,
  trial: Trial,
): Promise<void> {
  const again = await timeAlone(reference, drift);
  if (trial.aloneP50Ms !== null) requireSame(order, trial.aloneP50Ms, again, 'during the trial');
  for (const own of trial.timed) {
    const profile = profiles.find((one) => one.profile.id === idOf(own));
    if (profile === undefined) continue;
    const { factor } = sideAt(profile, own);
    if (referenceAt(order, trial, profile).factor === factor) continue;
    const timed = await timeReference(reference, profile, factor, rule);
    requireReference(timed.answers);
    const at = trial.referenceTimed.findIndex((one) => idOf(one) === idOf(own));
    trial.referenceTimed[at === -1 ? trial.referenceTimed.length : at] = { ...timed, cap: null };
  }
  const size = order.stored.scenario.classes[order.class];
  if (order.storedReference === null || size.temperature > 0) return;
  for (const { traffic } of trial.timed.map(withoutCanaries)) {
    if (trial.referenceTimed.some((one) => idOf(one) === traffic.id)) continue;
    const some = { ...traffic, asks: sampleOf(traffic.asks, askedAgain), timed: false };
    const answers = await reference.send(some);
    requireReference(answers);
    trial.referenceAgain.push({ traffic: some, answers, cap: null });
  }
}

/** Both answers to each timed request that the reference was asked too. */
function pairsOf({ timed, referenceTimed, referenceAgain }: Trial): AnswerPair[] {
  const said = new Map<Ask, Answer>();
  for (const { traffic, answers } of [...referenceTimed, ...referenceAgain]) {
    answers.forEach((answer, at) => said.set(traffic.asks[at] as Ask, answer));
  }
  return timed.flatMap(({ traffic, answers }) =>
    answers.flatMap((own, at) => {
      const reference = said.get(traffic.asks[at] as Ask);
      const isPlain = traffic.asks[at]?.canary === undefined;
      return reference === undefined || !isPlain ? [] : [{ own, reference }];
    }),
  );
}

/** The reference's figures: as stored, but for profiles that were measured again. */
function launchesOf({ storedReference }: JudgeOrder, trial: Trial): MeasuredLaunch[] {
  const own = trial.referenceLaunches;
  if (storedReference === null) return own;
  const again = own.flatMap(({ profiles }) => profiles);
  return storedReference.launches.map(({ profiles }) => ({
    profiles: profiles.map((one) => again.find(({ profile }) => profile === one.profile) ?? one),
  }));
}

async function timeAlone(reference: ReferenceServer, asks: readonly Ask[]): Promise<number> {
  const answers = await reference.send({
    ...{ id: 'drift', asks, arrival: 'burst', maxInFlight: 1 },
    ...{ rateRps: null, seed: 0, timed: true },
  });
  requireReference(answers);
  return median(answers.flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs]))) ?? 0;
}

function requireReference(answers: readonly Answer[]): void {
  const failed = answers.find(({ outcome }) => outcome !== 'ok');
  if (failed === undefined) return;
  throw new Ended(
    'infra_error',
    `the reference failed a request: ${failed.outcome} (${failed.error ?? 'no reason'})`,
  );
}

function requireSame(order: JudgeOrder, before: number, after: number, when: string): void {
  const ratio = Math.max(before / after, after / before);
  const { reference } = order.stored.scenario.classes[order.class];
  const most = reference.driftAtMost ?? mostDrift[order.class];
  if (ratio <= most) return;
  throw new Ended(
    'infra_error',
    `the reference drifted ${when}: ${before.toFixed(0)} ms, then ${after.toFixed(0)} ms for the same requests (at most ${most}x)`,
  );
}

function labOf(server: LaunchedSubmission, trial: Trial): Lab {
  return {
    server,
    async ask(id, asks, inFlight = 1, patience = 1) {
      if (asks.length === 0) return [];
      const answers = await server.send({
        ...{ id, asks, arrival: 'burst', maxInFlight: inFlight },
        ...{ rateRps: null, seed: 0, timed: false, patience },
      });
      trial.all.push(...answers);
      if (id === 'gate') trial.gate.push(...answers);
      return answers;
    },
  };
}

async function evidenceOf(
  order: JudgeOrder,
  { oracle }: ReferenceServer,
  trial: Trial,
  size: Evidence['size'],
): Promise<Evidence> {
  const counted = new Map<string, number>();
  const { before, after } = trial.model;
  return {
    size,
    // What checks have in common is replayed once.
    oracle: rememberScores(oracle),
    timed: trial.timed.map(withoutCanaries),
    pairs: pairsOf(trial),
    referenceAlike: alikeOf(order, trial),
    canaries: trial.timed.flatMap(({ answers }) => answers.filter(({ ask }) => ask.canary)),
    gate: trial.gate,
    all: trial.all,
    traces: trial.traces,
    weights: trial.weights,
    calls: { untraced: 'the outcome was decided before', byServer: false },
    files: await readCollected(order.collectDir, trial.collected),
    model: before === null || after === null ? null : { before, after },
    async countOutput(answers) {
      const texts = [...new Set(answers.map(({ text }) => text))].filter(
        (one) => !counted.has(one),
      );
      const counts = await oracle.countTokens(texts);
      texts.forEach((text, at) => counted.set(text, counts[at] ?? 0));
      return answers.map(({ text }) => counted.get(text) ?? 0);
    },
  };
}

/** Of the timed answers, or as it was stored with the figures of others. */
const alikeOf = ({ storedReference }: JudgeOrder, { referenceTimed }: Trial): number | null =>
  storedReference === null
    ? alikeShare(referenceTimed.map(withoutCanaries).flatMap(({ answers }) => answers))
    : storedReference.alikeShare;

async function decide(
  { check, run }: OpenedCheck,
  evidence: Evidence,
  size: Evidence['size'],
): Promise<TrialCheck> {
  let verdict: CheckVerdict;
  try {
    verdict = await run.verdict(evidence);
  } catch (error) {
    verdict = { verdict: 'not_run', evidence: `it failed: ${messageOf(error)}` };
  }
  return { ...describe(check, size), ...verdict };
}

const describe = (check: Check, size: Evidence['size']) => ({
  id: check.id,
  kind: check.kind,
  required: check.required(size),
});

/** Own token counts to speeds, of both sides. */
async function countSpeeds(evidence: Evidence, trial: Trial): Promise<void> {
  // Times of the same requests on both sides.
  const placesOf = (id: string) => {
    const places = trial.referenceTimed.find(({ traffic }) => traffic.id === id)?.places ?? null;
    return places === null ? null : new Set(places);
  };
  const figures = async (
    sides: readonly TimedSide[],
    timesOf: (id: string) => ReadonlySet<number> | null,
  ) => {
    const profiles = [];
    for (const side of sides) {
      const { answers } = side;
      const whole = await evidence.countOutput(answers);
      const first = await evidence.countOutput(
        answers.map((one) => ({ ...one, text: one.firstText })),
      );
      const times = timesOf(side.traffic.id);
      profiles.push(speedFigures(side, { whole, first }, evidence.size, times));
    }
    return profiles;
  };
  trial.launches = [{ profiles: await figures(trial.timed, placesOf) }];
  trial.referenceLaunches = [{ profiles: await figures(trial.referenceTimed, () => null) }];
}
