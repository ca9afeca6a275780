import { BenchError, messageOf } from '../../core/index.ts';
import type { MeasuredLaunch, MeasuredState, ScenarioSize, TrialCheck } from '../../model/index.ts';
import { createAskMaker, seedsFrom } from './make-ask.ts';
import type { Answer, AskedServer, JudgePorts } from './ports.ts';
import { speedFigures } from './speed-figures.ts';
import { makeTimedProfiles, type TimedProfile, trafficOf } from './timed-traffic.ts';

/** A few requests of each profile, and what the reference made of them. */
export interface QuickSet {
  profiles: TimedProfile[];
  reference: MeasuredLaunch;
}

const leastRequests = 4;

/** As many at a time as in the whole, in as few requests as that takes. */
function shortened(size: ScenarioSize): ScenarioSize {
  const profiles = size.profiles.map((one) => ({
    ...one,
    requests: Math.min(one.requests, Math.max(leastRequests, one.maxInFlight)),
  }));
  return { ...size, profiles };
}

/** Draws the requests from a seed and asks the reference. @throws BenchError ENGINE_*, PREREQ_* */
export async function makeQuickSet(
  size: ScenarioSize,
  seed: string,
  ports: JudgePorts,
): Promise<QuickSet> {
  const reference = await ports.startReference();
  try {
    const makeAsk = createAskMaker(ports, reference.oracle, size);
    const prep = { seedOf: seedsFrom(seed), makeAsk };
    const profiles = await makeTimedProfiles(shortened(size), prep, false);
    return { profiles, reference: await measure(reference, profiles, size) };
  } finally {
    await reference.stop();
  }
}

/**
 * How fast a submission answers a few requests; nothing else is looked at. Tokens are those that the
 * server claims: only the judge counts them itself.
 */
export async function quickLook(
  size: ScenarioSize,
  { profiles, reference }: QuickSet,
  submission: { dir: string; sha256: string },
  ports: JudgePorts,
): Promise<MeasuredState> {
  const state = (outcome: MeasuredState['outcome'], readiness: Readiness): MeasuredState => ({
    submissionSha256: submission.sha256,
    atS: null,
    measuredBy: 'preview',
    outcome,
    checks: [{ id: 'readiness', kind: 'readiness', required: true, ...readiness }],
    launches: [],
    correctness: null,
    reference: [reference],
  });
  const server = await ports.launch(submission.dir);
  try {
    const { readyMs } = await server.ready();
    const launch = await measure(server, profiles, size);
    const failed = launch.profiles.find((one) => one.validRequests < one.requests);
    if (failed !== undefined) {
      const { profile, validRequests, requests } = failed;
      const evidence = `${profile}: only ${validRequests} of ${requests} answers ended well and in full length`;
      return { ...state('server_fail', { verdict: 'fail', evidence }), launches: [launch] };
    }
    const evidence = `a real generation ${readyMs.toFixed(0)} ms after its start`;
    return { ...state('scored', { verdict: 'pass', evidence }), launches: [launch] };
  } catch (error) {
    ports.signal.throwIfAborted();
    if (!(error instanceof BenchError) || !error.code.startsWith('ENGINE_')) throw error;
    return state('server_fail', { verdict: 'fail', evidence: messageOf(error) });
  } finally {
    await server.stop();
  }
}

type Readiness = Pick<TrialCheck, 'verdict' | 'evidence'>;

async function measure(
  server: AskedServer,
  profiles: readonly TimedProfile[],
  size: ScenarioSize,
): Promise<MeasuredLaunch> {
  const figures = [];
  for (const profile of profiles) {
    const traffic = trafficOf(profile, 1);
    const answers = await server.send(traffic);
    const whole = answers.map(claimed);
    figures.push(speedFigures({ traffic, answers }, { whole, first: answers.map(() => 1) }, size));
  }
  return { profiles: figures };
}

const claimed = ({ claimedOutputTokens, chunkAtMs }: Answer) =>
  claimedOutputTokens ?? chunkAtMs.length;
