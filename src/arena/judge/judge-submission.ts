import { messageOf } from '../../core/index.ts';
import type { TrialCheck } from '../../model/index.ts';
import { askSecondOpinion } from '../checks/second-opinion.ts';
import { deriveFinalSeed } from '../trial/commitment.ts';
import { collectInto } from './collect-into.ts';
import { compareReference } from './compare-reference.ts';
import { countSpeeds } from './count-speeds.ts';
import { decideCheck, openChecks } from './decide-check.ts';
import { arenaDoes, Ended } from './ended.ts';
import { checksOfEnded } from './ended-early.ts';
import { gatherEvidence } from './gather-evidence.ts';
import { judgementOf } from './judgement-of.ts';
import { KnownSoFar } from './known-so-far.ts';
import { labOf, withLaunch } from './launch.ts';
import type { Judgement, JudgeOrder } from './order.ts';
import { outcomeOf } from './outcome.ts';
import type { JudgePorts } from './ports.ts';
import { prepare } from './prepare.ts';
import { createStages } from './stages.ts';
import { groundOf, requireGround, requireModel } from './stored-reference.ts';
import { timeProfiles } from './time-profiles.ts';
import { traceSubmission } from './trace-submission.ts';
import { withReference } from './with-reference.ts';

/**
 * Judges a folder with a launch script, without any agent. Never rejects for anything that the
 * submission does: that is an outcome, and what fails on the judge's own side is `infra_error`.
 * @throws BenchError PREREQ_REFERENCE for a stored reference of another model or on other ground;
 * the abort reason when `ports.signal` is aborted; nothing is left running
 */
export async function judgeSubmission(order: JudgeOrder, ports: JudgePorts): Promise<Judgement> {
  const { storedReference } = order;
  const trial = new KnownSoFar();
  const opened = openChecks(order.stored.scenario.classes[order.class], trial);
  const traced = opened.filter(({ check }) => check.traced);
  const untraced = opened.filter(({ check }) => !check.traced);
  const { stages, stage } = createStages(ports);
  let checks: TrialCheck[] = [];
  let outcome: Judgement['outcome'];
  try {
    const collected = await stage('collect', () => collectInto(order));
    trial.collected = collected;
    trial.finalSeed = order.devSeed ?? deriveFinalSeed(order.secret, collected.sha256);
    trial.model.before = await arenaDoes(ports.hashModel());
    if (storedReference !== null) requireModel(storedReference, trial.model.before);
    await stage('readiness', () => withLaunch(order, ports, trial, async () => {}));
    checks.push({
      ...{ id: 'readiness', kind: 'readiness', required: true, verdict: 'pass' },
      evidence: `answered a real generation ${(trial.readyMs[0] ?? 0).toFixed(0)} ms after its start`,
    });
    const prepared = await stage('reference', () => prepare(order, ports, trial, opened));
    if (storedReference !== null && ports.ground) {
      requireGround(storedReference, groundOf(ports.ground()));
    }
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
        const found = await gatherEvidence(order, reference, trial);
        for (const one of untraced) checks.push(await decideCheck(one, found));
        await countSpeeds(found, trial);
        return found;
      }),
    );
    // Not for a score that is void already.
    if (outcomeOf(checks).kind === 'scored') {
      const [known] = prepared.drift;
      const launch = { known, readyMs: trial.readyMs };
      evidence.calls = await stage('trace', () => traceSubmission(ports, order.collectDir, launch));
    }
    for (const one of traced) checks.push(await decideCheck(one, evidence));
    if (ports.secondOpinion) {
      checks.push(await askSecondOpinion(ports.secondOpinion, evidence, checks));
    }
    outcome = outcomeOf(checks);
  } catch (error) {
    ports.signal.throwIfAborted();
    if (!(error instanceof Ended)) throw error;
    outcome = { kind: error.kind, reason: error.message };
    checks = checksOfEnded(order, opened, checks, error);
  }
  return judgementOf(order, ports, trial, { outcome, checks, stages });
}

/** Not required: what cannot be measured is no infra error. */
const unmeasured = (error: unknown) => ({ unknown: `it failed: ${messageOf(error)}` });
