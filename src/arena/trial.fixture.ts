import { readFileSync } from 'node:fs';
import type {
  MeasuredLaunch,
  MeasuredState,
  ProfileFigures,
  ScoringRules,
  TrialResult,
} from '../model/index.ts';
import { commitTo, deriveFinalSeed, hashSubmission } from './trial/commitment.ts';

export const rulesFixture = (id: 'speedup.v1' | 'sglang.v1'): ScoringRules =>
  JSON.parse(
    readFileSync(new URL(`../../assets/scoring/${id}.json`, import.meta.url), 'utf8'),
  ) as ScoringRules;

const profilesOf: Record<string, string[]> = {
  throughput: ['burst', 'poisson', 'constant'],
  'sglang-system': ['sequential', 'concurrent'],
};

/** TTFT 800 ms, TPOT 40 ms, answers of 2 s, 0.5 req/s; `faster` divides times and multiplies rates. */
export function makeProfile(profile: string, faster = 1): ProfileFigures {
  return {
    profile,
    ttftP50Ms: 800 / faster,
    tpotP50Ms: 40 / faster,
    latencyP50Ms: 2000 / faster,
    validCompletedRps: 0.5 * faster,
    offeredRps: profile === 'burst' ? null : 100,
    rateLimited: false,
    requests: 16,
    validRequests: 16,
  };
}

export const makeLaunch = (scenario: string, faster = 1): MeasuredLaunch => ({
  profiles: (profilesOf[scenario] ?? ['burst']).map((profile) => makeProfile(profile, faster)),
});

const files = [{ path: 'start_server.sh', bytes: 3, sha256: 'ab'.repeat(32) }];
export const submissionSha256 = hashSubmission(files);
const secret = Buffer.from('00112233445566778899aabbccddeeff', 'hex');

/** What was measured of a state that is `faster` than the reference, a launch each. */
export function makeState(
  scenario: string,
  faster: number | readonly number[],
  more: Partial<MeasuredState> = {},
): MeasuredState {
  return {
    submissionSha256,
    atS: 600,
    measuredBy: 'judge',
    outcome: 'scored',
    checks: [
      { id: 'usage', kind: 'integrity', required: true, verdict: 'pass', evidence: 'counts agree' },
    ],
    launches: [faster].flat().map((one) => makeLaunch(scenario, one as number)),
    correctness: null,
    reference: null,
    ...more,
  };
}

let made = 0;

/** A trial of a scenario whose last state is `faster` than the reference. */
export function makeTrial(
  scenario: string,
  faster: number | readonly number[],
  more: Partial<TrialResult> = {},
): TrialResult {
  made += 1;
  return {
    schema: 'inferencebench.trial.v1',
    trialId: `trial-${made}`,
    startedAt: '2026-11-01T10:00:00.000Z',
    endedAt: '2026-11-01T12:20:00.000Z',
    tool: { name: 'inferencebench', version: '0.1.0' },
    scenario: {
      id: scenario,
      class: 'full',
      sha256: '0'.repeat(64),
      scoring: scenario === 'sglang-system' ? 'sglang.v1' : 'speedup.v1',
      policy: 'final',
    },
    baseModel: 'mistralai/Mistral-7B-Instruct-v0.3',
    machine: '1x H100 80 GB',
    entry: {
      agent: { id: 'my-agent', version: '1.0' },
      harness: null,
      model: null,
      promptSha256: null,
      forcedEngine: null,
    },
    seeds: {
      dev: 21,
      eval: 1337,
      secretSha256: commitTo(secret),
      secret: secret.toString('hex'),
      finalSeed: deriveFinalSeed(secret, submissionSha256),
    },
    outcome: { kind: 'scored', reason: null },
    submission: { sha256: submissionSha256, files },
    engine: { id: 'vllm', version: '0.11.0' },
    reference: {
      kind: 'pytorch',
      description: 'plain PyTorch server',
      measured: 'in_trial',
      launches: [makeLaunch(scenario)],
    },
    final: makeState(scenario, faster),
    bestVerified: null,
    agentPhase: {
      end: 'agent_done',
      budgetS: 7200,
      wallS: 7000,
      sandboxed: true,
      serverStarts: [
        { atS: 60, flags: [] },
        { atS: 600, flags: ['--max-num-seqs 256'] },
      ],
    },
    ...more,
  };
}

/** A trial that failed, with whatever was measured of it. */
export function makeFailed(
  scenario: string,
  kind: TrialResult['outcome']['kind'],
  faster = 3,
): TrialResult {
  const outcome = { kind, reason: 'as the test wants it' };
  return makeTrial(scenario, faster, {
    outcome,
    final: makeState(scenario, faster, { outcome: kind }),
  });
}
