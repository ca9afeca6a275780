import type { GateOutcome, WarmUpResult } from '../model/index.ts';
import type { Conduct } from './conduct.ts';
import { warmupRequestsOfRun } from './method-settings.ts';
import { probeLoad } from './probe-capacity.ts';
import { awaitServerWarm, serverWarmRequests } from './server-warm.ts';

/**
 * Before the first level of a launch: discarded runs in a closed loop at the highest number in
 * flight that is expected, with prompts of their own from the same mix; then gate (a).
 *
 * A server that answers nothing of it is not waited for any longer: the level that follows collects
 * the evidence and ends the run.
 *
 * @param inFlight the most that the run expects
 * @returns mean time of one request alone as gate (a) saw it, seconds; null without the gate
 */
export async function warmUp(conduct: Conduct, inFlight: number): Promise<number | null> {
  conduct.answers = true;
  await runWarmUp(conduct, inFlight);
  if (conduct.settings.gates === 'off') return null;
  return conduct.answers ? passServerWarm(conduct) : skipServerWarm(conduct);
}

async function runWarmUp(conduct: Conduct, expected: number): Promise<void> {
  const { context, planner, settings, launch } = conduct;
  const runs = settings.warmupRuns;
  const requests = settings.warmupRequests ?? Math.max(warmupRequestsOfRun, expected);
  if (runs === 0 || requests === 0) return;
  const inFlight = Math.min(expected, requests);
  context.emit({
    kind: 'phase',
    name: 'warm-up',
    message: `${runs} discarded ${runs === 1 ? 'run' : 'runs'} of ${requests} ${requests === 1 ? 'request' : 'requests'}, ${inFlight} in flight`,
  });
  await context.prepare?.(inFlight);
  const result: WarmUpResult = {
    launch,
    runs,
    requestsPerRun: requests,
    inFlight,
    failed: 0,
    meanServiceMs: [],
  };
  let error: string | null = null;
  let sent = 0;
  for (let run = 1; run <= runs; run++) {
    const salt = launch === 1 ? `warm-up ${run}` : `launch ${launch} warm-up ${run}`;
    const plan = planner.closed(inFlight, { requests, durationS: null, salt });
    const probe = await probeLoad(context, plan, `warmup${launch}-${run}`);
    result.failed += probe.failed;
    sent += probe.ok + probe.failed;
    error ??= probe.error;
    result.meanServiceMs.push(probe.meanServiceS === null ? null : 1000 * probe.meanServiceS);
    conduct.answers = probe.ok > 0;
    if (!conduct.answers) break;
  }
  conduct.method.warmUps.push(result);
  if (result.failed === 0) return;
  conduct.findings.push({
    code: 'warm-up-failures',
    severity: 'warning',
    message: `${ofLaunch(conduct)}${result.failed} of ${sent} warm-up requests failed (${error}).`,
  });
}

async function passServerWarm(conduct: Conduct): Promise<number | null> {
  const { context, planner, launch } = conduct;
  context.emit({
    kind: 'phase',
    name: 'warm-up',
    message: `gate: one request at a time, at most ${serverWarmRequests}, until TTFT and TPOT vary by less than 5 %`,
  });
  const salt = launch === 1 ? 'server warm' : `launch ${launch} server warm`;
  const length = { requests: serverWarmRequests, durationS: null, salt, fixedLengths: true };
  const plan = planner.closed(1, length);
  const { outcome, meanServiceS } = await awaitServerWarm(context, plan, `warm${launch}`);
  // Of those that ended, not one succeeded.
  conduct.answers = outcome.requests === 0 || meanServiceS !== null;
  noteServerWarm(conduct, outcome);
  return meanServiceS;
}

/** The same findings come from each start of the server. */
function ofLaunch({ launch, settings }: Conduct): string {
  return settings.launches > 1 ? `launch ${launch}: ` : '';
}

function skipServerWarm(conduct: Conduct): null {
  noteServerWarm(conduct, {
    gate: 'server-warm',
    passed: false,
    requests: 0,
    elapsedS: 0,
    ttftCov: null,
    tpotCov: null,
    reason: 'not warm: no warm-up request succeeded',
    samples: { ttftMs: [], tpotMs: [] },
  });
  return null;
}

function noteServerWarm(conduct: Conduct, outcome: GateOutcome): void {
  const { context, settings } = conduct;
  conduct.method.gates.push(outcome);
  context.emit({ kind: 'log', message: outcome.reason });
  conduct.launchFindings = [];
  if (outcome.passed) return;
  const finding = {
    code: 'server-not-warm',
    severity: settings.requireSteady ? ('invalid' as const) : ('warning' as const),
    message: `${ofLaunch(conduct)}measured although the server had not become steady: ${outcome.reason}. Give it more warm-up (--warmup-runs), or look for other load on the machine.`,
  };
  conduct.findings.push(finding);
  if (settings.requireSteady) conduct.launchFindings = [finding];
}
