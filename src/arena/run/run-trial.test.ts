import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { execPath, kill, platform } from 'node:process';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { sandboxes } from '../../sandbox/index.ts';
import { commitTo } from '../trial/commitment.ts';
import { readTrial } from '../trial/read-trial.ts';
import type { JournalEntry } from './journal.ts';
import { runTrial } from './run-trial.ts';
import { createTestTrial, eventually, type TestTrial } from './test-trial.fixture.ts';

let trial: TestTrial;
afterEach(() => trial?.remove());

const inTrial = (name: string) => join(trial.folder, 'trial', name);
const log = () => readFileSync(inTrial('agent.log'), 'utf8');
const journal = (): JournalEntry[] =>
  readFileSync(inTrial('journal.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const states = () => journal().map(({ state }) => state);

/** Tries three launchers with ./evaluate and leaves the best. */
const tuner = `#!/bin/sh
set -e
for speed in 1 3 2; do
  printf '#!/bin/sh\\n# speed %s\\n' $speed >start_server.sh
  ./evaluate full || exit 9
done
./evaluate nonsense && exit 8
printf '#!/bin/sh\\n# speed 2\\n' >start_server.sh
./timer
`;

describe.skipIf(platform !== 'linux')('runTrial', () => {
  it('gives an agent its tools, and judges what it leaves', async () => {
    trial = createTestTrial(tuner);
    const result = await runTrial(await trial.setup());
    expect(log()).toContain('full: 3x');
    expect(log()).toContain('This state is kept.');
    expect(log()).toMatch(/left of 1:00/);
    expect(result.outcome.kind).toBe('scored');
    expect(result.agentPhase).toMatchObject({
      end: 'agent_done',
      budgetS: 60,
      sandboxed: false,
      interrupted: false,
      receipt: { survivors: 0 },
    });
    // The last state is scored; what was found on the way is kept beside it.
    expect(result.final?.submissionSha256).toBe(result.submission?.sha256);
    expect(result.bestVerified?.submissionSha256).not.toBe(result.submission?.sha256);
    // Each evaluation is a start; what was left is the state of the third one.
    const { serverStarts } = result.agentPhase ?? {};
    expect(serverStarts?.map(({ flags }) => flags)).toEqual([[], ['--speed 3'], ['--speed 2']]);
    expect(result.bestVerified?.atS).toBe(serverStarts?.[1]?.atS);
    expect(result.final?.atS).toBe(serverStarts?.[2]?.atS);
    expect(await readTrial(inTrial('trial.json'))).toEqual(result);
    expect(commitTo(Buffer.from(result.seeds.secret ?? '', 'hex'))).toBe(result.seeds.secretSha256);
    expect(states()).toEqual([
      'prepared',
      'agent_starting',
      'agent_started',
      'agent_ended',
      'collected',
      'judged',
      'done',
    ]);
    expect(existsSync(inTrial('workspace'))).toBe(false);
  });

  it('judges the best verified state where the scenario says so', async () => {
    trial = createTestTrial(tuner);
    const setup = await trial.setup();
    const scenario = { ...setup.stored.scenario, policy: 'best_verified' as const };
    const result = await runTrial({ ...setup, stored: { ...setup.stored, scenario } });
    expect(readFileSync(inTrial('submission/start_server.sh'), 'utf8')).toContain('speed 3');
    expect(result.bestVerified?.measuredBy).toBe('judge');
    expect(result.bestVerified?.submissionSha256).toBe(result.submission?.sha256);
    expect(result.bestVerified?.atS).toBe(result.agentPhase?.serverStarts?.[1]?.atS);
    // The last one is judged beside it: the difference is what was found and not left.
    expect(result.final).toMatchObject({
      measuredBy: 'judge',
      outcome: 'scored',
      atS: result.agentPhase?.serverStarts?.[2]?.atS,
    });
    expect(result.final?.submissionSha256).not.toBe(result.submission?.sha256);
  });

  it('judges once where the best verified state is the last one', async () => {
    trial = createTestTrial(
      "#!/bin/sh\nprintf '#!/bin/sh\\n# speed 3\\n' >start_server.sh\n./snapshot\n",
    );
    const setup = await trial.setup();
    const scenario = { ...setup.stored.scenario, policy: 'best_verified' as const };
    let judged = 0;
    const result = await runTrial({
      ...setup,
      stored: { ...setup.stored, scenario },
      judge(asked) {
        judged += 1;
        return setup.judge(asked);
      },
    });
    expect(judged).toBe(1);
    expect(result.final).toEqual(result.bestVerified);
  });

  it('sees the engines that an agent starts by itself', async () => {
    trial = createTestTrial(
      `#!/bin/sh
ln -s /bin/sleep llama-server
./llama-server 98758 &
until [ -s "$SEEN" ]; do sleep 0.1; done
`,
    );
    const setup = await trial.setup();
    const starts = inTrial('starts.jsonl');
    const { prepare, ...agent } = setup.agent;
    const result = await runTrial({
      ...setup,
      agent: {
        ...agent,
        async prepare(order) {
          const program = await prepare(order);
          return { ...program, env: { SEEN: starts } };
        },
      },
    });
    expect(result.agentPhase?.serverStarts).toMatchObject([{ flags: [] }]);
    expect(result.agentPhase?.receipt).toMatchObject({ survivors: 0 });
  });

  it('says that the disk is full where the arena cannot write, and goes on later', async () => {
    trial = createTestTrial('#!/bin/sh\n');
    const setup = await trial.setup();
    const judge = () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
    await expect(runTrial({ ...setup, judge })).rejects.toMatchObject({
      code: 'RESULT_DISK_FULL',
      exitCode: 3,
    });
    expect(states().at(-1)).toBe('collected');
    expect((await runTrial(setup)).outcome.kind).toBe('scored');
  });

  it.each([
    ['is done', '#!/bin/sh\n', 'agent_done', /by itself/],
    ['crashes', '#!/bin/sh\nexit 3\n', 'crashed', /exit code 3/],
    ['has no interpreter', '#!/usr/bin/env no-such-one\n', 'crashed', /127: .* was not found/],
    ['cannot run its tool', '#!/bin/sh\nexec ./mission.md\n', 'crashed', /126: .* not executable/],
    ['has spent its money', '#!/bin/sh\nexit 76\n', 'budget', /budget/],
    ['has no provider', '#!/bin/sh\nexit 75\n', 'provider_error', /provider/],
    [
      'does not end',
      "#!/bin/sh\ntrap 'exit 0' TERM\nwhile :; do sleep 0.1; done\n",
      'deadline',
      /up/,
    ],
  ])('tells how an agent ended that %s, and judges its folder', async (_, script, end, reason) => {
    trial = createTestTrial(script);
    const said: string[] = [];
    const result = await runTrial(
      await trial.setup({
        budgetS: end === 'deadline' ? 2 : 60,
        say: (line) => said.push(line),
      }),
    );
    expect(said.at(-1)).toMatch(/^The agent ended after \d+\.\d s \(/);
    expect(said.at(-1)).toMatch(new RegExp(`\\(${end}\\): .*${reason.source}.*agent\\.log$`));
    expect(result.agentPhase).toMatchObject({ end, reason: expect.stringMatching(reason) });
    expect(result.outcome.kind).toBe('scored');
  });

  it('fails a submission that is not there, without judging', async () => {
    trial = createTestTrial('#!/bin/sh\nrm start_server.sh\n');
    const result = await runTrial(await trial.setup());
    expect(result).toMatchObject({ outcome: { kind: 'server_fail' }, submission: null });
  });

  it('is no fault of the agent when its sandbox cannot be had', async () => {
    trial = createTestTrial('#!/bin/sh\n');
    const { BenchError } = await import('../../core/index.ts');
    const sandbox = {
      ...sandboxes.get('process'),
      start: () => Promise.reject(new BenchError('PREREQ_SANDBOX', 'not here')),
    };
    const said: string[] = [];
    const result = await runTrial(await trial.setup({ sandbox, say: (line) => said.push(line) }));
    expect(said.at(-1)).toBe('The agent could not be started (infra): not here.');
    expect(result).toMatchObject({
      outcome: { kind: 'infra_error', reason: 'not here' },
      agentPhase: { end: 'infra', receipt: null },
    });
  });

  it('begins no evaluation in the reserve', async () => {
    trial = createTestTrial(
      '#!/bin/sh\n# arena: resumable\n./evaluate quick && exit 4\n[ $? = 3 ] && ./timer\n',
    );
    const stop = new Error('enough');
    const setup = await trial.setup({ budgetS: 1000 });
    const onState = () => Promise.reject(stop);
    await expect(runTrial({ ...setup, onState })).rejects.toBe(stop);
    // As if it had been killed after 950 s: what is left is within the reserve.
    const entry = { state: 'agent_started', usedS: 950, process: null };
    writeFileSync(inTrial('journal.jsonl'), `${JSON.stringify(entry)}\n`, { flag: 'a' });
    const result = await runTrial(setup);
    expect(result.agentPhase?.end).toBe('agent_done');
    expect(log()).toMatch(/no evaluation is begun/);
    expect(log()).toMatch(/reserve: /);
    expect(result.agentPhase?.wallS).toBeGreaterThan(950);
  });

  it('ends all it started when it is given up on, and goes on later', async () => {
    trial = createTestTrial(
      '#!/bin/sh\n# arena: resumable\n[ -z "$ARENA_RESUMED" ] && exec sleep 98763\nexit 0\n',
    );
    const setup = await trial.setup({ diskBytes: 32 << 20 });
    const stop = new AbortController();
    const reason = new Error('given up');
    const running = runTrial({ ...setup, ctx: { ...setup.ctx, signal: stop.signal } });
    await eventually(() => seenWith('98763').length > 0, 60_000);
    stop.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(seenWith('98763')).toEqual([]);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(trial.folder);
    expect((await runTrial(setup)).agentPhase?.end).toBe('agent_done');
  });
});

/** Runs the same trial in a process of its own, which kills itself once a state is on disk. */
function startArena(killAt: string, changes = '{}'): ChildProcess {
  const here = new URL('.', import.meta.url).href;
  const path = join(trial.folder, 'arena.mts');
  writeFileSync(
    path,
    `import { existsSync, readFileSync } from 'node:fs';
     import { runTrial } from '${here}run-trial.ts';
     import { createTestTrial } from '${here}test-trial.fixture.ts';
     import { sandboxes } from '${here}../../sandbox/index.ts';
     const trial = createTestTrial(readFileSync(${JSON.stringify(join(trial.folder, 'agent.sh'))}, 'utf8'), ${JSON.stringify(trial.folder)});
     const setup = { folder: ${JSON.stringify(join(trial.folder, 'trial'))} };
     await runTrial({ ...(await trial.setup(${changes})), onState: (state) => {
       console.log(state);
       if (state === '${killAt}') process.kill(process.pid, 'SIGKILL');
     } });`,
  );
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return spawn(execPath, ['--import', tsx, path], { stdio: ['ignore', 'inherit', 'inherit'] });
}

const ended = (child: ChildProcess) =>
  new Promise<string | null>((resolve) => child.once('exit', (_code, signal) => resolve(signal)));

const seenWith = (word: string) =>
  readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(word);
    } catch {
      return false;
    }
  });

describe.skipIf(platform !== 'linux')('a trial whose arena is killed', () => {
  it.each(['prepared', 'agent_ended', 'collected', 'judged', 'done'])(
    'with SIGKILL at "%s" goes on from there, and each state is gone through once',
    async (state) => {
      trial = createTestTrial(tuner);
      expect(await ended(startArena(state))).toBe('SIGKILL');
      const before = states();
      expect(before.at(-1)).toBe(state);
      const committed = journal()[0];
      const result = await runTrial(await trial.setup());
      expect(states()).toEqual([
        'prepared',
        'agent_starting',
        'agent_started',
        'agent_ended',
        'collected',
        'judged',
        'done',
      ]);
      expect(journal()[0]).toEqual(committed);
      expect(result.outcome.kind).toBe('scored');
      expect(result.agentPhase?.interrupted).toBe(false);
      expect(result.seeds.secretSha256).toMatch(/^[0-9a-f]{64}$/);
    },
    120_000,
  );

  const marked = (rest: string) =>
    `#!/bin/sh\n${rest}\necho "start $ARENA_RESUMED" >>starts\nif [ -z "$ARENA_RESUMED" ]; then setsid sleep 98761 & exec sleep 98762; fi\nprintf '#!/bin/sh\\n# speed 4\\n' >start_server.sh\ncat starts\n`;

  it.each(sandboxes.ids())(
    'in the middle of the agent takes the agent along (%s), and a resumable one is started again',
    async (id) => {
      trial = createTestTrial(marked('# arena: resumable'));
      const sandbox = sandboxes.get(id);
      if ((await sandbox.available((await trial.setup()).ctx)) !== null) return;
      const arena = startArena('never', `{ sandbox: sandboxes.get('${id}') }`);
      const end = ended(arena);
      await eventually(
        () => existsSync(inTrial('journal.jsonl')) && states().includes('agent_started'),
        60_000,
      );
      await eventually(() => seenWith('98762').length > 0 && seenWith('98761').length > 0);
      kill(arena.pid ?? 0, 'SIGKILL');
      expect(await end).toBe('SIGKILL');
      if (id === 'bubblewrap') await eventually(() => seenWith('98761').length === 0);
      await eventually(() => seenWith('98762').length === 0);
      const result = await runTrial(await trial.setup({ sandbox }));
      expect(result.agentPhase).toMatchObject({ end: 'agent_done', interrupted: true });
      expect(result.outcome.kind).toBe('scored');
      expect(log()).toContain('start \nstart 1\n');
      expect(states().filter((state) => state === 'agent_started')).toHaveLength(2);
      // Whoever had left its session as a plain process is found by its environment.
      expect(seenWith('98761')).toEqual([]);
      const hidden = journal().flatMap((entry) =>
        entry.state === 'agent_starting' ? [entry.hidden] : [],
      );
      expect(hidden.filter(existsSync)).toEqual([]);
    },
    120_000,
  );

  /** Kills its arena when the agent runs, before the arena can write that down. */
  const killOnceUp = (
    id: string,
  ) => `{ sandbox: { ...sandboxes.get('${id}'), async start(...order) {
    const started = await sandboxes.get('${id}').start(...order);
    while (!existsSync(setup.folder + '/workspace/started')) await new Promise((go) => setTimeout(go, 20));
    process.kill(process.pid, 'SIGKILL');
    return started;
  } } }`;
  const beforeTheLine = (rest: string) =>
    marked(`${rest}\n[ -n "$ARENA_RESUMED" ] || setsid sh -c 'echo >started; exec sleep 98754' &`);

  it.each(
    sandboxes.ids().flatMap((id) => [
      { id, resumable: true },
      { id, resumable: false },
    ]),
  )(
    'between the start of an agent and its line in the journal is no other kill ($id, resumable: $resumable)',
    async ({ id, resumable }) => {
      trial = createTestTrial(beforeTheLine(resumable ? '# arena: resumable' : ''));
      const sandbox = sandboxes.get(id);
      if ((await sandbox.available((await trial.setup()).ctx)) !== null) return;
      expect(await ended(startArena('never', killOnceUp(id)))).toBe('SIGKILL');
      expect(states()).toEqual(['prepared', 'agent_starting']);
      const result = await runTrial(await trial.setup({ sandbox }));
      for (const word of ['98754', '98761', '98762']) expect(seenWith(word), word).toEqual([]);
      expect(result.agentPhase).toMatchObject({
        end: resumable ? 'agent_done' : 'infra',
        interrupted: true,
      });
      expect(result.outcome.kind).toBe('scored');
      if (resumable) expect(log()).toContain('start \nstart 1\n');
      expect(states().filter((state) => state === 'agent_starting')).toHaveLength(
        resumable ? 2 : 1,
      );
    },
    120_000,
  );

  it.each(['judge', 'preview'])(
    'in the middle of a %s does that again',
    async (port) => {
      trial = createTestTrial('#!/bin/sh\n# arena: resumable\n./evaluate full\n');
      const killed = startArena('never', `{ ${port}: () => process.kill(process.pid, 'SIGKILL') }`);
      expect(await ended(killed)).toBe('SIGKILL');
      expect(states().at(-1)).toBe(port === 'judge' ? 'collected' : 'agent_started');
      const result = await runTrial(await trial.setup());
      expect(result.outcome.kind).toBe('scored');
      expect(result.agentPhase?.interrupted).toBe(port === 'preview');
      expect(log()).toContain('This state is kept.');
      expect(states().filter((state) => state === 'judged')).toHaveLength(1);
    },
    120_000,
  );

  it('in the middle of an agent that cannot be started again goes on to what it left', async () => {
    trial = createTestTrial(marked(''));
    const arena = startArena('never');
    const end = ended(arena);
    await eventually(() => seenWith('98762').length > 0, 60_000);
    kill(arena.pid ?? 0, 'SIGKILL');
    await end;
    const result = await runTrial(await trial.setup());
    expect(result.agentPhase).toMatchObject({
      end: 'infra',
      interrupted: true,
      reason: expect.stringMatching(/killed/),
    });
    expect(result.outcome.kind).toBe('scored');
    for (const pid of seenWith('98761')) kill(Number(pid), 'SIGKILL');
  }, 120_000);
});

/** Ignores every signal that can be ignored, and has a child that has left session and parent. */
const stubborn = `#!/usr/bin/env python3
import os, signal, time
for deaf in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT): signal.signal(deaf, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: os.execvp('sleep', ['sleep', '98757'])
    os._exit(0)
while True: time.sleep(0.1)
`;

/** Goes on where the kernel refuses it more; waits to be ended where only somebody watches. */
const diskFiller = `#!/bin/sh
if head -c 400000000 /dev/zero >filler; then exec sleep 98756; fi
exit 0
`;

const forkBomb = `#!/bin/sh
n=0
while [ $n -lt 3000 ]; do sleep 98755 & n=$((n + 1)); done
wait
`;

describe.skipIf(platform !== 'linux').each(sandboxes.ids())('an agent in %s', (id) => {
  const run = async (script: string, budgetS: number, diskBytes: number | null = null) => {
    trial = createTestTrial(script);
    const sandbox = sandboxes.get(id);
    const setup = await trial.setup({ sandbox, budgetS, diskBytes });
    return (await sandbox.available(setup.ctx)) === null ? runTrial(setup) : null;
  };

  it('that does not listen and has left its session is gone after the deadline', async () => {
    const result = await run(stubborn, 3);
    if (result === null) return;
    expect(result.agentPhase).toMatchObject({
      end: 'deadline',
      receipt: { how: 'killed', aliveAtStop: expect.any(Number), survivors: 0 },
    });
    expect(seenWith('98757')).toEqual([]);
    expect(result.outcome.kind).toBe('scored');
  }, 120_000);

  it('that fills the disk is refused or ended, and what it left is judged', async () => {
    const result = await run(diskFiller, 600, 64 << 20);
    if (result === null) return;
    const { end, receipt } = result.agentPhase ?? {};
    const disk = receipt?.limits.find(({ limit }) => limit === 'diskBytes');
    expect(disk).toMatchObject({ asked: 64 << 20, reached: true });
    expect([disk?.by, end]).toEqual(
      disk?.by === 'watched' ? ['watched', 'crashed'] : ['file-system', 'agent_done'],
    );
    expect(receipt?.survivors).toBe(0);
    expect(result.outcome.kind).toBe('scored');
  }, 120_000);

  it('that is a fork bomb runs into its limit, and all of it is gone', async () => {
    // Where nobody holds the number, the bomb stops by itself at 3000 and its time ends it.
    const result = await run(forkBomb, 60);
    if (result === null) return;
    const { end, reason, receipt } = result.agentPhase ?? {};
    const held = receipt?.limits.find(({ limit }) => limit === 'processes');
    if (held?.by !== 'none') expect(end, reason).toBe('crashed');
    if (held?.by.startsWith('cgroup')) {
      expect(held.reached).toBe(true);
      expect(reason).toMatch(/limit of processes/);
    }
    expect(receipt?.survivors).toBe(0);
    expect(seenWith('98755')).toEqual([]);
    expect(result.outcome.kind).toBe('scored');
  }, 180_000);
});
