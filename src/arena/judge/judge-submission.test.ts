import { describe, expect, it } from 'vitest';
import { BenchError } from '../../core/index.ts';
import { letteredText } from '../checks/lettered.ts';
import type { Question, QuestionSet } from '../checks/questions.ts';
import { findRules } from '../scoring/read-rules.ts';
import { scoreTrial } from '../scoring/score-trial.ts';
import { trialSchema } from '../trial/trial-schema.ts';
import { fakeFile, fakeWorld, label, type WorldOptions } from './fake-world.fixture.ts';
import { judgeSubmission } from './judge-submission.ts';
import type { StoredReference } from './order.ts';
import { judgeStages } from './order.ts';
import type { Answer } from './ports.ts';
import { storableReference } from './stored-reference.ts';
import { trialOf } from './trial-of.ts';

async function judge(options: WorldOptions = {}) {
  const world = fakeWorld(options);
  const judgement = await judgeSubmission(world.order, world.ports);
  const check = (id: string) => judgement.state?.checks.find((one) => one.id === id);
  const count = (event: string) => world.events.filter((one) => one === event).length;
  return { judgement, check, count, world };
}

const stopped = { sweptPids: [], survivors: [], stillAnswered: false, reachedLimits: [] };

describe('the stages of a judgement', () => {
  it('goes through all of them with an honest server, each launch fresh, and scores it', async () => {
    const { judgement, world } = await judge();
    expect(judgement.outcome).toEqual({ kind: 'scored', reason: null });
    expect(judgement.stages.map(({ stage }) => stage)).toEqual([...judgeStages]);
    expect(world.events).toEqual([
      ...['launch', 'ready', 'stop', 'reference', 'reference-stop'],
      ...['launch', 'ready', 'stop', 'launch', 'ready', 'stop'],
      // While nothing else runs.
      ...['memory', 'reference', 'reference-stop', 'trace'],
    ]);
    expect(judgement.state?.checks.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    const trial = await trialOf(world.order, judgement, label);
    expect(trial.outcome.kind).toBe('scored');
    // 30 ms a token against 10.
    expect(judgement.state?.launches[0]?.profiles[0]?.tpotP50Ms).toBeCloseTo(10);
    expect(judgement.reference.launches[0]?.profiles[0]?.tpotP50Ms).toBeCloseTo(30);
  });

  it('names the limit that a server ran into before it ended', async () => {
    const { judgement } = await judge({
      exitedAfter: 'burst',
      trace: { stop: { ...stopped, reachedLimits: ['disk'] } },
    });
    expect(judgement.outcome).toEqual({
      kind: 'server_fail',
      reason: 'the launcher ended while the server was asked; it had reached its limit of disk',
    });
  });

  it('calls a slower one regressed, by the rules of the scenario', async () => {
    const { judgement, world } = await judge({ server: { decodeMs: 60 } });
    expect((await trialOf(world.order, judgement, label)).outcome.kind).toBe('regressed');
  });

  it('starts nothing where nothing can be collected', async () => {
    const { judgement, world } = await judge({ files: { 'readme.md': '' } });
    expect(judgement.outcome).toMatchObject({ kind: 'server_fail' });
    expect(judgement.outcome.reason).toContain('start_server.sh is not there');
    expect(judgement).toMatchObject({ submission: null, state: null, finalSeed: null });
    expect(world.events).toEqual([]);
  });

  it('does not start the reference for a server that never becomes ready', async () => {
    const { judgement, world, check } = await judge({
      ready: async () => {
        throw new BenchError('ENGINE_CRASHED', 'The launcher ended with exit code 1');
      },
    });
    expect(judgement.outcome.kind).toBe('server_fail');
    expect(check('readiness')).toMatchObject({ verdict: 'fail' });
    expect(check('usage')).toMatchObject({ verdict: 'not_run' });
    expect(world.events).toEqual(['launch', 'ready', 'stop']);
  });

  it('fails a server that ends while it is asked, and stops what is left of it', async () => {
    const { judgement, count } = await judge({ exitedAfter: 'repeat' });
    expect(judgement.outcome.kind).toBe('server_fail');
    expect(count('stop')).toBe(count('launch'));
    expect(count('launch')).toBe(2);
  });

  const infra: [string, WorldOptions, RegExp][] = [
    [
      'a reference that does not start',
      {
        startReference: () => {
          throw new BenchError('PREREQ_ENGINE', 'no torch here');
        },
      },
      /no torch here/,
    ],
    [
      'a reference that fails a request',
      { reference: { change: (one) => ({ ...one, outcome: 'reset' as const }) } },
      /the reference failed a request: reset/,
    ],
    [
      'a machine that tells nothing of processes',
      { trace: { watched: false } },
      /network .*survivors/,
    ],
    [
      'a witness that cannot replay',
      {
        score: (word) => {
          if (word.startsWith('t')) throw new Error('out of memory');
          return {};
        },
      },
      /token-divergence \(it failed: out of memory\)/,
    ],
  ];
  it.each(infra)('%s is an infra error', async (_, options, reason) => {
    const { judgement, count } = await judge(options);
    expect(judgement.outcome.kind).toBe('infra_error');
    expect(judgement.outcome.reason).toMatch(reason);
    expect(count('stop')).toBe(count('launch'));
    expect(count('reference-stop')).toBeLessThanOrEqual(count('reference'));
  });

  it('takes a reference that became slower meanwhile for an infra error', async () => {
    const drifting = (options: WorldOptions = {}) => {
      let drifts = 0;
      return judge({
        ...options,
        reference: {
          change: (one, { traffic, index }) => {
            if (traffic.id !== 'drift') return one;
            drifts += index === 0 ? 1 : 0;
            return { ...one, latencyMs: (one.latencyMs ?? 0) * (drifts === 2 ? 3 : 1) };
          },
        },
      });
    };
    const { judgement } = await drifting();
    expect(judgement.outcome).toMatchObject({ kind: 'infra_error' });
    expect(judgement.outcome.reason).toMatch(/drifted during the trial/);
    const reference = { kind: 'launcher', description: 'fake', driftAtMost: 4 } as const;
    const allowed = await drifting({ size: { reference } });
    expect(allowed.judgement.outcome.kind).toBe('scored');
  });

  it('takes a stored reference, unless it is not the same here', async () => {
    const honest = await judge();
    const stored = storableReference(honest.judgement) as StoredReference;
    const { launches } = stored;
    const again = await judge({ order: { storedReference: stored } });
    expect(again.judgement.outcome.kind).toBe('scored');
    // The reference is asked for the canaries, also where it is not timed.
    expect(again.check('canaries')).toMatchObject({ verdict: 'pass' });
    expect(again.judgement.reference).toMatchObject({ measured: 'stored', launches });
    const other = { ...stored, aloneP50Ms: 9 * stored.aloneP50Ms };
    const drifted = await judge({ order: { storedReference: other } });
    expect(drifted.judgement.outcome.reason).toMatch(/drifted since it was stored/);
  });

  it('refuses a stored reference of another model, or on other ground, before it is asked', async () => {
    const ground = {
      ...{ sandbox: 'bubblewrap', sandboxed: true, server: null, notes: [] },
      reference: [{ limit: 'cpus', asked: 2, by: 'cgroup v2', reached: false }],
      clientCpus: '3',
    };
    const honest = await judge({ ground });
    const stored = storableReference(honest.judgement) as StoredReference;
    const again = (change: WorldOptions, storedReference = stored) =>
      judge({ ground, ...change, order: { storedReference } });
    expect((await again({})).judgement.outcome.kind).toBe('scored');
    await expect(again({ hashes: ['b'] })).rejects.toThrow(/model has the SHA-256 "a", here "b"/);
    await expect(again({ ground: { ...ground, sandbox: 'process' } })).rejects.toThrow(
      /sandbox was "bubblewrap", here "process"/,
    );
    await expect(again({ ground: { ...ground, clientCpus: null } })).rejects.toThrow(
      /client's own CPUs were "3", here "null"/,
    );
    const reference = [{ limit: 'cpus', asked: 4, by: 'none', reached: false }];
    await expect(again({ ground: { ...ground, reference } })).rejects.toThrow(
      /limits were "cpus 2 by cgroup v2", here "cpus 4 by none"/,
    );
  });

  it('does not fail answers that begin alike as the stored reference has them', async () => {
    // What a template makes of every prompt.
    const change = (one: Answer) => ({
      ...one,
      text: `${'It is said that '.repeat(8)}${one.text}`,
    });
    const templated = { server: { change }, reference: { change } };
    const measured = await judge(templated);
    expect(measured.check('canned-answers')).toMatchObject({ verdict: 'pass' });
    const stored = storableReference(measured.judgement) as StoredReference;
    expect(stored.alikeShare).toBe(1);
    const against = async (alikeShare: number | null) => {
      const storedReference = { ...stored, alikeShare };
      return (await judge({ ...templated, order: { storedReference } })).check('canned-answers');
    };
    expect(await against(1)).toMatchObject({ verdict: 'pass' });
    expect(await against(null)).toMatchObject({ verdict: 'flag' });
    expect(await against(0)).toMatchObject({ verdict: 'fail' });
  });

  it('ends with the reason of an abort, and leaves nothing running', async () => {
    const world = fakeWorld({
      onSend: (own, { id }) => {
        if (id === 'repeat') own.abort(new BenchError('INTERRUPTED', 'enough'));
      },
    });
    await expect(judgeSubmission(world.order, world.ports)).rejects.toThrow('enough');
    const count = (event: string) => world.events.filter((one) => one === event).length;
    expect(count('stop')).toBe(count('launch'));
    expect(count('reference-stop')).toBe(count('reference'));
  });

  it('wants the engine that was forced', async () => {
    const order = { forcedEngine: 'vllm' };
    expect((await judge({ order })).judgement.outcome.kind).toBe('wrong_engine');
    const process = { pid: 1, otherSession: false, orphaned: false };
    const trace = { processes: [{ ...process, command: 'python -m vllm serve x' }] };
    expect((await judge({ order, trace })).judgement.outcome.kind).toBe('scored');
  });
});

describe('the questions of the gate', () => {
  const set: QuestionSet = {
    ...{ name: 'mine.jsonl', sha256: 'a'.repeat(64) },
    questions: Array.from({ length: 40 }, (_, at) => ({
      text: letteredText(`Item ${at} ?`, ['one', 'two', 'three', 'four']),
      ...{ options: ['A', 'B', 'C', 'D'], answer: 'ABCD'[at % 4] ?? '', form: 'letter' as const },
    })),
  };
  /** Knows all, as a server that reads: states the right letter. */
  const knows = (one: Answer): Answer => {
    const [, item] = /Item (\d+) \?/.exec(one.ask.messages[0]?.content ?? '') ?? [];
    return item === undefined
      ? one
      : { ...one, text: one.text.replace(/^\S+/, `${'ABCD'[Number(item) % 4]}.`) };
  };

  it('come from a file, each once, and the trial says from which', async () => {
    const { judgement, check, world } = await judge({
      order: { questions: set },
      server: { change: knows },
      reference: { change: knows },
    });
    expect(check('quality')).toMatchObject({ verdict: 'pass' });
    expect(check('quality')?.evidence).toMatch(
      /12 questions in pairs: reference 100 %.*12 different questions of mine.jsonl \(SHA-256 aaaa/,
    );
    const trial = await trialOf(world.order, judgement, label);
    expect(trial.questions).toEqual({
      ...{ name: 'mine.jsonl', sha256: set.sha256, marginPoints: 20 },
      // A half of them is the agent's.
      ...{ available: 20, asked: 12, distinct: 12, wanted: 12 },
    });
    expect(trialSchema.parse(trial)).toEqual(trial);
  });

  it('fail a server that guesses', async () => {
    const guesses = (one: Answer) => ({ ...knows(one), text: one.text.replace(/^\S+/, 'A.') });
    const { check } = await judge({
      order: { questions: set },
      ...{ server: { change: guesses }, reference: { change: knows } },
      size: { quality: { marginPoints: 20, minQuestions: 20 } },
    });
    expect(check('quality')).toMatchObject({ verdict: 'fail' });
  });

  it('are no gate where the reference itself guesses', async () => {
    const guesses = (one: Answer) =>
      one.ask.canary === undefined ? { ...one, text: one.text.replace(/^\S+/, 'A.') } : one;
    const { check, judgement } = await judge({
      order: { questions: set },
      ...{ server: { change: guesses }, reference: { change: guesses } },
      size: { quality: { marginPoints: 20, minQuestions: 40 } },
    });
    // 10 of 40: chance is as much.
    expect(check('quality')?.evidence).toMatch(/reference 25 %.* itself is too weak/);
    expect(judgement.outcome.kind).toBe('infra_error');
  });

  it('are never asked twice: fewer than wanted are a doubt, with what they can show', async () => {
    const quality = { marginPoints: 5, minQuestions: 250 };
    const { judgement, world } = await judge({ size: { quality } });
    const trial = await trialOf(world.order, judgement, label);
    expect(trial.questions).toMatchObject({ name: 'facts', asked: 80, distinct: 80, wanted: 250 });
    const { doubts } = scoreTrial(trial, await findRules('speedup.v1'), '');
    expect(doubts).toContainEqual({
      id: 'few-questions',
      message: expect.stringMatching(/80 different .* \(facts\) .* 250: .* 8\.8 points, not 5/),
    });
  });

  it('too long for the prompts are left out; where none is left the reason is told', async () => {
    const long = { ...set.questions[0], text: 'word '.repeat(200) } as Question;
    const asked = (questions: Question[]) =>
      judge({
        order: { questions: { ...set, questions } },
        ...{ server: { change: knows }, reference: { change: knows } },
      });
    const some = await asked([long, ...set.questions.slice(0, 15)]);
    expect(some.judgement.questions).toMatchObject({ available: 16, asked: 12 });
    const none = await asked([long]);
    expect(none.judgement.outcome).toMatchObject({
      kind: 'infra_error',
      reason: expect.stringMatching(/None of the 1 questions of mine.jsonl fits into the 64/),
    });
  });
});

describe('files of a submission', () => {
  it.each(['quantised.pth', 'metrics.json', 'cache/layer-0.pth'])('may be %s', async (name) => {
    const { check } = await judge({ trace: { filesWritten: [name] } });
    expect(check('planted')).toMatchObject({ verdict: 'pass' });
  });

  it.each([
    ['a.pth', 'import os; os.system("x")\n'],
    ['evaluate.py', 'x'],
  ])('may not be %s with a hook in it', async (name, text) => {
    const files = { 'start_server.sh': 'exit 1\n', [name]: text };
    const declared = { ...files, 'submission.json': JSON.stringify({ files: Object.keys(files) }) };
    const { check } = await judge({ files: declared });
    expect(check('planted')).toMatchObject({ verdict: 'fail' });
  });
});

it('judges answers that come at one instant by their whole time', async () => {
  const at = (one: Answer) => ({ ...one, chunkAtMs: one.chunkAtMs.map(() => one.latencyMs ?? 0) });
  const { check } = await judge({ server: { change: at } });
  expect(check('relaunch')).toMatchObject({ verdict: 'pass' });
  expect(check('held-back')).toMatchObject({ verdict: 'pass' });
});

it('knows one answer for everything, whatever length each request asked for', async () => {
  const canned = (one: Answer) => ({
    ...one,
    text: Array.from({ length: one.ask.outputTokens }, (_, at) => `word${at}`).join(' '),
  });
  const profile = {
    ...{ id: 'burst', arrival: 'burst' as const, requests: 8, maxInFlight: 1, rateRps: null },
    ...{ inputTokens: { max: 64, lowShare: 0.8 }, outputTokens: { max: 200, lowShare: 0.5 } },
  };
  const { check } = await judge({ server: { change: canned }, size: { profiles: [profile] } });
  expect(check('canned-answers')).toMatchObject({ verdict: 'fail' });
});

describe('times in the wrong place', () => {
  const early = (one: Answer, chunks: readonly number[]) => ({
    ...one,
    ttftMs: chunks[0] ?? 1,
    chunkAtMs: [...chunks, ...one.chunkAtMs.slice(chunks.length)],
  });

  it('first-chunk: fails who is early with several chunks', async () => {
    const { check } = await judge({ server: { change: (one) => early(one, [1, 11, 21]) } });
    expect(check('first-chunk')).toMatchObject({
      verdict: 'fail',
      evidence: expect.stringContaining('longest gap behind'),
    });
  });

  it('first-chunk: fails who is early with three of five requests', async () => {
    const { check } = await judge({
      server: { change: (one, { index }) => (index % 5 < 3 ? early(one, [1]) : one) },
    });
    expect(check('first-chunk')?.verdict).toBe('fail');
  });

  it('held-back: fails who holds three of five answers back', async () => {
    const { check } = await judge({
      server: {
        change: (one, { index }) => {
          if (index % 5 >= 3) return one;
          const end = one.latencyMs ?? 0;
          return { ...one, ttftMs: end, chunkAtMs: one.chunkAtMs.map(() => end) };
        },
      },
    });
    expect(check('held-back')?.verdict).toBe('fail');
  });

  it('first-chunk: passes who reads the whole prompt again for each token', async () => {
    const { check } = await judge({
      server: {
        change: (one) => {
          const pass = one.ask.inputTokens;
          const chunkAtMs = one.chunkAtMs.map((_, at) => pass + at * (pass + at));
          return { ...one, ttftMs: pass, latencyMs: chunkAtMs.at(-1) ?? pass, chunkAtMs };
        },
      },
    });
    expect(check('first-chunk')).toMatchObject({ verdict: 'pass' });
  });

  it('first-chunk: fails who is early only where speed counts', async () => {
    const { check } = await judge({
      server: { change: (one, { traffic }) => (traffic.timed ? early(one, [10]) : one) },
    });
    expect(check('first-chunk')).toMatchObject({
      verdict: 'fail',
      evidence: expect.stringMatching(/first token came after .* where speed counts/),
    });
  });

  it('first-chunk: fails whose first token comes as late as the whole answer might, whatever its length', async () => {
    const { check } = await judge({
      server: {
        change: (one) => {
          const end = 400 + one.ask.inputTokens;
          const chunkAtMs = one.chunkAtMs.map((_, at) => end + at / 100);
          return { ...one, ttftMs: end, latencyMs: end + 1, chunkAtMs };
        },
      },
    });
    expect(check('first-chunk')).toMatchObject({
      verdict: 'fail',
      evidence: expect.stringContaining('making as many tokens'),
    });
  });

  it('repeat: a client that was kept waiting and read all at once is no cache', async () => {
    const { check } = await judge({
      server: {
        change: (one, { traffic, index }) =>
          /repeat|relaunch/.test(traffic.id) && index % 2 === 1
            ? {
                ...one,
                ttftMs: one.latencyMs,
                chunkAtMs: one.chunkAtMs.map(() => one.latencyMs ?? 0),
              }
            : one,
      },
    });
    expect(check('repeat')).toMatchObject({ verdict: 'pass' });
    expect(check('relaunch')).toMatchObject({ verdict: 'pass' });
  });
});

it('output-length: fails who leaves a tenth of every answer out', async () => {
  const { check } = await judge({
    server: {
      change: (one) => {
        const words = one.text.split(' ');
        return { ...one, text: words.slice(0, Math.ceil(0.9 * words.length)).join(' ') };
      },
    },
  });
  expect(check('output-length')).toMatchObject({
    verdict: 'fail',
    evidence: expect.stringMatching(/in all 9\d % of the reference's/),
  });
});

it('output-length: one token less than asked for is an engine that counts otherwise', async () => {
  const { check } = await judge({
    server: { change: (one) => ({ ...one, text: one.text.split(' ').slice(1).join(' ') }) },
  });
  expect(check('output-length')?.verdict).not.toBe('fail');
});

describe('the checks, one way to fail each', () => {
  const cases: [string, WorldOptions][] = [
    ['usage', { server: { change: (one) => ({ ...one, claimedOutputTokens: 99 }) } }],
    [
      'output-length',
      { server: { change: (one) => ({ ...one, text: one.text.slice(0, one.text.length / 3) }) } },
    ],
    [
      'failures',
      {
        server: {
          change: (one, { traffic, index }) =>
            traffic.timed && index % 2 === 0 ? { ...one, outcome: 'http_error', status: 500 } : one,
        },
      },
    ],
    [
      'first-chunk',
      { server: { change: (one) => ({ ...one, ttftMs: 1, chunkAtMs: [1, ...one.chunkAtMs] }) } },
    ],
    [
      'held-back',
      {
        server: {
          change: (one) => {
            const end = one.latencyMs ?? 0;
            return { ...one, ttftMs: end, chunkAtMs: one.chunkAtMs.map((_, at) => end + at / 100) };
          },
        },
      },
    ],
    [
      'repeat',
      {
        server: {
          change: (one, { traffic, index }) =>
            traffic.id === 'repeat' && (index % 2 === 1 || index >= 8)
              ? { ...one, chunkAtMs: [1, 2], latencyMs: 2 }
              : one,
        },
      },
    ],
    [
      'relaunch',
      {
        server: {
          change: (one, { traffic, index }) =>
            traffic.id === 'relaunch' && index % 2 === 1
              ? { ...one, chunkAtMs: [1, 2], latencyMs: 2 }
              : one,
        },
      },
    ],
    [
      'canned-answers',
      { server: { change: (one) => ({ ...one, text: Array(32).fill('same').join(' ') }) } },
    ],
    ['token-divergence', { score: () => ({ logProb: -4 }) }],
    [
      'timed-consistency',
      {
        server: {
          change: (one, { traffic }) =>
            traffic.timed ? { ...one, text: one.text.replaceAll('t', 'x') } : one,
        },
        // More probable than what the same server says at the gate.
        score: (word) => (word.startsWith('x') ? { logProb: -0.1, varianceNats2: 0.1 } : {}),
      },
    ],
    ['greedy-match', { score: (word) => ({ gapNats: word.startsWith('t1') ? 5 : 0 }) }],
    ['input-truncation', { score: (word) => ({ gapNats: word.startsWith('t') ? 5 : 0 }) }],
    [
      'burst-consistency',
      {
        server: {
          change: (one, { traffic }) =>
            traffic.id === 'burst' && !traffic.timed
              ? { ...one, text: one.text.replaceAll('t', 'x') }
              : one,
        },
        score: (word) => ({ gapNats: word.startsWith('x') ? 5 : 0 }),
      },
    ],
    [
      'quality',
      {
        server: {
          change: (one, { traffic }) =>
            traffic.id === 'gate' ? { ...one, text: one.text.replace(/^\w+/, 'no') } : one,
        },
      },
    ],
    ['network', { trace: { outbound: [{ to: '10.0.0.1:443', looks: 9 }] } }],
    ['survivors', { trace: { stop: { ...stopped, stillAnswered: true } } }],
    ['planted', { trace: { filesWritten: ['trial.json'] } }],
    ['model-file', { hashes: ['a', 'b'] }],
  ];
  it.each(cases)('%s', async (id, options) => {
    const { judgement, check } = await judge(options);
    expect(check(id)).toMatchObject({ verdict: 'fail', required: true });
    expect(judgement.outcome.kind).toMatch(/integrity_fail|quality_fail|server_fail/);
  });
});

describe('the checks that are not required', () => {
  it('canaries: fails who misses all that the reference is sure of', async () => {
    const { judgement, check } = await judge({
      server: {
        change: (one, { traffic }) =>
          traffic.timed ? { ...one, text: one.text.replace(/^\w+/, 'no') } : one,
      },
    });
    expect(check('canaries')).toMatchObject({ verdict: 'fail', required: false });
    expect(judgement.outcome).toMatchObject({ kind: 'integrity_fail' });
  });

  it('physical-floor: fails what is far below the floor, flags what is a little', async () => {
    // 10 ms a token; 31 tokens behind the first need 3 passes at the least, 8 tokens each.
    const fast = await judge({ passMs: 1000 });
    expect(fast.check('physical-floor')).toMatchObject({ verdict: 'fail', required: false });
    expect(fast.judgement.outcome).toMatchObject({ kind: 'integrity_fail' });
    // The first token takes some 70 ms.
    const doubtful = await judge({ passMs: 120 });
    expect(doubtful.check('physical-floor')).toMatchObject({ verdict: 'flag' });
    expect(doubtful.judgement.outcome.kind).toBe('scored');
  });

  it('physical-floor: says why there is none, and voids nothing', async () => {
    const { judgement, check } = await judge({ passMs: null });
    expect(check('physical-floor')).toMatchObject({
      verdict: 'not_run',
      evidence: 'an accelerator',
    });
    expect(judgement.outcome.kind).toBe('scored');
  });

  it('opened-files: fails weights from elsewhere', async () => {
    const { judgement, check } = await judge({ calls: { opened: [fakeFile({})] } });
    expect(check('opened-files')).toMatchObject({ verdict: 'fail', required: false });
    expect(judgement.outcome).toMatchObject({ kind: 'integrity_fail' });
  });

  it.each([
    ['a machine that does not trace', false, 'not_run'],
    ['a server that does not serve so', true, 'flag'],
  ] as const)('opened-files: %s voids nothing', async (_, byServer, verdict) => {
    const { judgement, check } = await judge({ calls: { untraced: 'no strace', byServer } });
    expect(check('opened-files')).toMatchObject({ verdict, evidence: 'no strace' });
    expect(judgement.outcome.kind).toBe('scored');
  });

  it('opened-files: starts nothing for a score that is void', async () => {
    const { check, count } = await judge({ hashes: ['a', 'b'] });
    expect(count('trace')).toBe(0);
    expect(check('opened-files')).toMatchObject({ verdict: 'not_run' });
  });
});
