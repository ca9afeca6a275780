import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRng } from '../../core/index.ts';
import type { ScenarioSize, TrialGround } from '../../model/index.ts';
import { factKinds } from '../checks/facts.ts';
import type { JudgeOrder } from './order.ts';
import type {
  Answer,
  Ask,
  CallTrace,
  JudgePorts,
  LaunchTrace,
  OpenedFile,
  Oracle,
  TokenScore,
  Traffic,
  Untraced,
} from './ports.ts';

/** How a server answers: everything that a check looks at. */
export interface FakeServer {
  prefillMsPerToken: number;
  decodeMs: number;
  change(answer: Answer, about: { index: number; traffic: Traffic }): Answer;
}

export interface FakeWorld {
  ports: JudgePorts;
  order: JudgeOrder;
  /** What happened, in order: `launch`, `ready`, `stop`, `reference`, `reference-stop`, `memory`, `trace`. */
  events: string[];
  abort(reason: Error): void;
}

export interface WorldOptions {
  server?: Partial<FakeServer>;
  reference?: Partial<FakeServer>;
  size?: Partial<ScenarioSize>;
  order?: Partial<JudgeOrder>;
  files?: Record<string, string>;
  trace?: Partial<LaunchTrace>;
  ready?: () => Promise<{ readyMs: number }>;
  startReference?: () => void;
  score?: (word: string) => Partial<TokenScore>;
  onSend?: (world: FakeWorld, traffic: Traffic) => void;
  onReferenceSend?: (traffic: Traffic) => void;
  exitedAfter?: string;
  hashes?: string[];
  /** Of a pass over the weights, milliseconds; null = not known. */
  passMs?: number | null;
  calls?: Partial<CallTrace> | Untraced;
  ground?: TrialGround;
}

const size: ScenarioSize = {
  ...{ comparable: false, model: 'fake', maxModelTokens: 1024, budgetS: 60, temperature: 0.7 },
  ...{ ignoreEos: true, disjointProfiles: true, seeds: [{ dev: 1, eval: 2 }] },
  profiles: [
    {
      ...{ id: 'burst', arrival: 'burst', requests: 8, maxInFlight: 1, rateRps: null },
      ...{ inputTokens: { max: 64, lowShare: 0.8 }, outputTokens: { max: 32, lowShare: 0.8 } },
    },
  ],
  reference: { kind: 'launcher', description: 'fake' },
  quality: { marginPoints: 20, minQuestions: 12 },
  limits: { cpus: 1, memoryGiB: 1, accelerator: null, network: false },
};

const wordsOf = (text: string) => text.split(/\s+/).filter((word) => word !== '');
const promptOf = ({ messages }: Pick<Ask, 'messages'>) =>
  messages.map(({ content }) => content).join(' ');

/** Honest: words that depend on prompt and place, in the time that they take, on no clock at all. */
const honest: FakeServer = { prefillMsPerToken: 1, decodeMs: 10, change: (answer) => answer };

/** 100 MB of weights, where nothing else is said. */
export const fakeFile = (change: Partial<OpenedFile>): OpenedFile => ({
  ...{ path: '/data/weights.gguf', place: 'elsewhere', bytes: 1e8, kind: 'weights', made: false },
  ...change,
});

/** A world in which every request is answered at once, with times that are computed. */
export function fakeWorld(options: WorldOptions = {}): FakeWorld {
  const events: string[] = [];
  const stop = new AbortController();
  const dir = mkdtempSync(join(tmpdir(), 'bench-fake-world-'));
  for (const [name, text] of Object.entries(options.files ?? { 'start_server.sh': 'exit 1\n' })) {
    writeFileSync(join(dir, name), text);
  }
  const ownSize = { ...size, ...options.size };
  let sent = 0;
  let exited = false;
  const sendBy = (who: 'server' | 'reference') => async (traffic: Traffic) => {
    const server = { ...honest, ...(who === 'reference' && { decodeMs: 30 }), ...options[who] };
    if (who === 'server') {
      options.onSend?.(world, traffic);
      exited ||= options.exitedAfter === traffic.id;
    }
    if (who === 'reference') options.onReferenceSend?.(traffic);
    stop.signal.throwIfAborted();
    // One at a time, none before it is due.
    const gapMs = traffic.rateRps === null ? 0 : 1000 / traffic.rateRps;
    let endMs = 0;
    return traffic.asks.map((ask, index) => {
      const answer = server.change(answerTo(ask, server, sent++), { index, traffic });
      endMs = Math.max(endMs, index * gapMs) + (answer.latencyMs ?? 0);
      return { ...answer, endMs };
    });
  };
  const oracle: Oracle = {
    countTokens: async (texts) => texts.map((text) => wordsOf(text).length),
    countPrompt: async (messages) =>
      wordsOf(messages.map(({ content }) => content).join(' ')).length,
    score: async ({ messages }, reply) =>
      wordsOf(reply).map((word, at) => ({
        ...{ logProb: -1, rank: 0, gapNats: 0, topMarginNats: 1, entropyNats: 1, varianceNats2: 1 },
        tailShare: 0.5,
        // It is sure of what it knows.
        ...(at === 0 &&
          word === knownAnswer(promptOf({ messages })) && {
            ...{ logProb: 0, topMarginNats: 9, entropyNats: 0, varianceNats2: 0 },
          }),
        ...options.score?.(word),
      })),
  };
  const hashes = options.hashes ?? ['a'];
  let hashed = 0;
  let nowUs = 0;
  const ports: JudgePorts = {
    clock: { nowUs: () => (nowUs += 1000), wallMs: () => 0, sleepUntil: async () => {} },
    signal: stop.signal,
    say: () => {},
    async launch() {
      events.push('launch');
      exited = false;
      const trace: LaunchTrace = {
        ...{ watched: true, looks: 1, outbound: [], filesWritten: [] },
        processes: [{ pid: 1, command: 'fake', otherSession: false, orphaned: false }],
        stop: { sweptPids: [], survivors: [], stillAnswered: false, reachedLimits: [] },
        ...options.trace,
      };
      return {
        baseUrl: 'http://127.0.0.1:1/v1',
        async ready() {
          events.push('ready');
          return (await options.ready?.()) ?? { readyMs: 5 };
        },
        send: sendBy('server'),
        hasExited: () => exited,
        async stop() {
          events.push('stop');
          return trace;
        },
      };
    },
    async startReference() {
      events.push('reference');
      options.startReference?.();
      return {
        oracle,
        send: sendBy('reference'),
        async stop() {
          events.push('reference-stop');
        },
      };
    },
    async makePrompt(_, seed, inputTokens) {
      const rng = createRng(seed, 'words');
      return Array.from({ length: inputTokens }, () => `w${rng.int(1000)}`).join(' ');
    },
    timeWeights: async () => {
      events.push('memory');
      const { passMs = 1 } = options;
      return passMs === null
        ? { unknown: 'an accelerator' }
        : { bytes: 2.5e7, passMs, method: '25.0 MB, 25.0 GB/s' };
    },
    async traceLaunch() {
      events.push('trace');
      const { calls = {} } = options;
      if ('untraced' in calls) return calls;
      return {
        opened: [fakeFile({ place: 'model', path: '/model/model.gguf' })],
        ...{ modelOpened: true, modelBytes: 1e8, connected: [], blind: false },
        executed: ['/bin/sh', '/usr/bin/fake'],
        ...calls,
      };
    },
    hashModel: async () => hashes[Math.min(hashed++, hashes.length - 1)] ?? 'a',
  };
  const { ground } = options;
  if (ground !== undefined) ports.ground = () => ground;
  const order: JudgeOrder = {
    stored: {
      scenario: {
        ...{ schema: 'inferencebench.scenario.v1', id: 'decode', label: 'B', title: '' },
        ...{ description: '', source: '', scoring: 'speedup.v1', policy: 'final' },
        classes: { full: ownSize, small: ownSize },
      },
      dir,
      sha256: '0'.repeat(64),
    },
    class: 'small',
    submissionDir: dir,
    collectDir: join(mkdtempSync(join(tmpdir(), 'bench-fake-collected-')), 'files'),
    secret: Buffer.from('00', 'hex'),
    forcedEngine: null,
    storedReference: null,
    ...options.order,
  };
  const world: FakeWorld = { ports, order, events, abort: (reason) => stop.abort(reason) };
  return world;
}

function answerTo(ask: Ask, { prefillMsPerToken, decodeMs }: FakeServer, count: number): Answer {
  const prompt = promptOf(ask);
  // Greedy: the same again; sampled: something else each time.
  const rng = createRng(ask.temperature === 0 ? 0 : count, prompt);
  const words = Array.from({ length: ask.outputTokens }, () => `t${rng.int(50)}`);
  words[0] = knownAnswer(prompt) ?? words[0] ?? '';
  const ttftMs = prefillMsPerToken * ask.inputTokens + decodeMs;
  const chunkAtMs = words.map((_, at) => ttftMs + at * decodeMs);
  return {
    ...{ ask, outcome: 'ok', status: 200, error: null, finishReason: 'length' },
    text: words.join(' '),
    firstText: words[0],
    claimedInputTokens: ask.inputTokens,
    claimedOutputTokens: ask.outputTokens,
    ...{ ttftMs, latencyMs: chunkAtMs.at(-1) ?? ttftMs, chunkAtMs, endMs: 0 },
  };
}

/** It knows the facts, and finds a number. */
function knownAnswer(prompt: string): string | null {
  const number = /The secret number is (\d+) /.exec(prompt)?.[1];
  if (number !== undefined) return number;
  const facts = factKinds.flatMap((kind) => kind.facts);
  return (
    facts.find(([name]) => new RegExp(` of(?: the word)? ${name} \\?`).test(prompt))?.[1] ?? null
  );
}

/** Of a trial about it. */
export const label = {
  ...{ trialId: 't', startedAt: '', endedAt: '', version: '0', machine: 'm' },
  entry: {
    agent: { id: 'a', version: null },
    ...{ harness: null, model: null, promptSha256: null, forcedEngine: null },
  },
  ...{ seeds: { dev: 1, eval: 2 }, agentPhase: null, bestVerified: null },
};
