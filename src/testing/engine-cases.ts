import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { isBenchError } from '../core/index.ts';
import type {
  Engine,
  EngineContext,
  InstalledEngine,
  RunningEngine,
  StartOptions,
} from '../engines/index.ts';
import type { RunEvent } from '../model/index.ts';
import type { Case } from './case.ts';

/** An engine on a machine that has it, and a model that it can serve. */
export interface EngineSubject {
  engine: Engine;
  context: EngineContext;
  /** As `engine.locate(context)` finds it. */
  installed: InstalledEngine;
  /** With port 0 and a log of this suite's own. */
  options: StartOptions;
  /** Arguments that the engine takes and that change nothing here. */
  acceptedArgs: readonly string[];
  /** What makes its start fail at once, and a word of the log line that says so. */
  breakage: { extraArgs?: readonly string[]; env?: Record<string, string>; says: string };
}

/** What every engine has to keep. Needs the engine; fetches nothing. */
export const engineCases: readonly Case<EngineSubject>[] = [
  {
    name: 'has an id, a title and names that are its own',
    run({ engine }) {
      assert.match(engine.id, /^[a-z0-9][a-z0-9.-]*$/);
      assert.match(engine.title, /\S/);
      const names = [engine.id, ...engine.aliases];
      assert.equal(new Set(names).size, names.length);
      for (const name of names) assert.equal(name, name.toLowerCase());
      assert.ok(engine.capabilities.api.length > 0, 'it serves an API');
      const { slots, contextTokens, startupTimeoutMs } = engine.defaults;
      assert.ok(slots >= 1 && contextTokens >= slots && startupTimeoutMs > 0);
    },
  },
  {
    name: 'knows its models by id, size and digest',
    async run({ engine, context }) {
      for (const model of engine.models.list()) {
        assert.match(model.id, /^\S+$/);
        assert.match(model.license, /\S/);
        assert.ok(model.bytes > 0);
        assert.match(model.sha256, /^[0-9a-f]{64}$/);
        checkOffers(await engine.models.sources(context, model.id));
      }
    },
  },
  {
    name: 'names what it would fetch, from where and how large',
    async run({ engine, context }) {
      const offers = await engine.sources(context);
      assert.ok(offers.length > 0, 'there is a source');
      checkOffers(offers);
    },
  },
  {
    name: 'knows what can be tuned, in which limits and for what',
    run({ engine }) {
      for (const tunable of engine.tunables) {
        const { flag, type, range, choices, trades, source } = tunable;
        assert.match(flag, /^--?[a-z]/);
        assert.match(trades, /\S/, flag);
        assert.match(source, /\d/, `${flag}: the source has a version`);
        assert.equal(type === 'integer' || type === 'number', range !== undefined, flag);
        assert.equal(type === 'choice', choices !== undefined, flag);
        assert.ok(range === undefined || range.low < range.high, flag);
        assert.ok(choices === undefined || choices.length > 1, flag);
      }
      const flags = engine.tunables.map(({ flag }) => flag);
      assert.equal(new Set(flags).size, flags.length, 'each is there once');
    },
  },
  {
    name: 'explains known failures',
    run({ engine }) {
      for (const pattern of engine.logPatterns) {
        assert.match(pattern.cause, /^[a-z0-9-]+$/);
        assert.match(pattern.explanation, /\S/);
        assert.match(pattern.hint, /\S/);
      }
    },
  },
  {
    name: 'is found again without a network',
    async run({ engine, context, installed }) {
      const { events, quiet } = withoutNetwork(context);
      assert.deepEqual(await engine.locate(quiet), installed);
      assert.deepEqual(await engine.install(quiet), installed);
      assert.deepEqual(
        events.filter(({ kind }) => kind === 'download'),
        [],
      );
    },
  },
  {
    name: 'is not found where it is not',
    async run({ engine, context, options }) {
      const { quiet } = withoutNetwork(context);
      const empty = join(dirname(options.logPath), 'no-cache');
      const env = { ...quiet.env, PATH: empty, BENCH_CACHE_DIR: empty };
      assert.equal(await engine.locate({ ...quiet, env }), null);
    },
  },
  {
    name: 'refuses a path that holds none, by name',
    async run({ engine, context }) {
      const enginePath = '/nowhere/such-an-engine';
      const error = await rejection(engine.locate(context, { enginePath }));
      assert.ok(error.code.startsWith('PREREQ_'), error.code);
      assert.ok(error.message.includes(enginePath), error.message);
      assert.match(error.hint ?? '', /\S/);
    },
  },
  {
    name: 'starts, is ready, generates, tells its settings, stops without a survivor',
    async run(subject) {
      const { engine, options } = subject;
      const running = await start(subject);
      try {
        assert.equal(running.engine, engine.id);
        assert.equal(running.baseUrl, `http://${options.host}:${running.port}/v1`);
        assert.match(running.modelName, /\S/);
        if (engine.capabilities.ownModelName !== true) {
          assert.equal(running.modelName, options.modelName);
        }
        assert.equal(running.slots, options.slots);
        assert.ok(running.readyMs > 0);
        assert.ok(running.commandLine.some((part) => part.includes(options.modelPath)));
        assert.ok(isAlive(running.pid), 'its process is there');
        const before = await running.activity();
        await generateOnce(running, engine);
        if (before !== null) assert.notEqual(await running.activity(), before);
        const settings = await running.settings();
        assert.deepEqual(JSON.parse(JSON.stringify(settings)), settings, 'plain values only');
        const tail = await running.tail(3);
        assert.ok(tail.length <= 3 && tail.every((line) => !line.includes('\n')));
      } finally {
        const receipt = await running.stop();
        assert.deepEqual(receipt.survivors, []);
      }
      assert.ok(!isAlive(running.pid), 'its process is gone');
      assert.ok(!(await isListening(running)), 'its port is free');
      assert.match((await running.exited).message, /\S/);
    },
  },
  {
    name: 'passes arguments of the user on as they are, after its own',
    async run(subject) {
      const { acceptedArgs } = subject;
      const running = await start(subject, { extraArgs: acceptedArgs });
      await running.stop();
      assert.ok(acceptedArgs.length > 0, 'the subject names some');
      assert.deepEqual(running.commandLine.slice(-acceptedArgs.length), acceptedArgs);
    },
  },
  {
    name: 'can be stopped twice, also at once',
    async run(subject) {
      const running = await start(subject);
      const both = await Promise.all([running.stop(), running.stop()]);
      for (const receipt of [...both, await running.stop()]) {
        assert.deepEqual(receipt.survivors, []);
      }
      assert.equal((await running.stop()).how, 'already-exited');
      assert.ok(!isAlive(running.pid), 'its process is gone');
    },
  },
  {
    name: 'says why it crashed at start, and leaves nothing',
    async run(subject) {
      const { breakage, options } = subject;
      const port = await freePort(options.host);
      const extraArgs = breakage.extraArgs ?? [];
      const error = await rejection(start(subject, { port, extraArgs }, breakage.env));
      assert.equal(error.code, 'ENGINE_CRASHED');
      assert.ok(error.message.includes(breakage.says), error.message);
      assert.match(error.hint ?? '', /\S/);
      assert.ok(!(await isListening({ host: options.host, port })));
    },
  },
  {
    name: 'does not take the server on a taken port for itself',
    async run(subject) {
      const { host } = subject.options;
      const other = createServer((socket) => socket.destroy());
      const port = await listen(other, host);
      try {
        const error = await rejection(start(subject, { port }));
        assert.ok(error.code.startsWith('ENGINE_'), error.code);
        assert.ok(error.message.includes(String(port)), error.message);
      } finally {
        other.close();
      }
    },
  },
  {
    name: 'ends its start when it is given up on, and leaves nothing',
    async run(subject) {
      const { host } = subject.options;
      const port = await freePort(host);
      const stop = new AbortController();
      const reason = new Error('given up');
      const starting = start(subject, { port }, {}, stop.signal);
      setTimeout(() => stop.abort(reason), 30);
      const running = await starting.catch((error: unknown) => {
        assert.equal(error, reason);
        return null;
      });
      // It may have been quicker than the abort.
      await running?.stop();
      assert.ok(!(await isListening({ host, port })));
    },
  },
];

function start(
  { engine, context, installed, options }: EngineSubject,
  changes: Partial<StartOptions> = {},
  env: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<RunningEngine> {
  return engine.start(
    { ...context, env: { ...context.env, ...env }, ...(signal && { signal }) },
    installed,
    { ...options, ...changes },
  );
}

function checkOffers(offers: Awaited<ReturnType<Engine['sources']>>): void {
  for (const { what, from, bytes, unavailable } of offers) {
    assert.match(what, /\S/);
    assert.match(from, /\S/);
    assert.ok(bytes === null || (Number.isInteger(bytes) && bytes > 0), `${from}: ${bytes} bytes`);
    if (unavailable !== null) assert.match(unavailable, /\S/);
  }
}

/** Whatever asks the network anyway meets a closed port. */
function withoutNetwork(context: EngineContext): { events: RunEvent[]; quiet: EngineContext } {
  const events: RunEvent[] = [];
  const closed = 'http://127.0.0.1:9';
  const proxies = {
    HTTP_PROXY: closed,
    HTTPS_PROXY: closed,
    http_proxy: closed,
    https_proxy: closed,
  };
  const env = { ...context.env, ...proxies, BENCH_OFFLINE: '1' };
  return { events, quiet: { ...context, env, emit: (event) => void events.push(event) } };
}

async function generateOnce(running: RunningEngine, engine: Engine): Promise<void> {
  const isChat = !engine.capabilities.api.includes('completions');
  const prompt = isChat
    ? { messages: [{ role: 'user', content: 'Count to four.' }] }
    : { prompt: 'One, two,' };
  const response = await fetch(`${running.baseUrl}/${isChat ? 'chat/' : ''}completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: running.modelName,
      max_tokens: 4,
      temperature: 0,
      ...running.bodyDefaults,
      ...prompt,
    }),
  });
  const body = (await response.json()) as { choices?: unknown[] };
  assert.equal(response.status, 200, JSON.stringify(body).slice(0, 200));
  assert.equal(body.choices?.length, 1);
}

async function rejection(work: Promise<unknown>) {
  const error: unknown = await work.then(
    () => assert.fail('it should have been refused'),
    (reason: unknown) => reason,
  );
  if (!isBenchError(error)) assert.fail(`${String(error)} is not a BenchError`);
  return error;
}

/** Zombies count as gone; where there is no /proc nothing is known, and the port has to do. */
function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

function isListening({ host, port }: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (listening: boolean) => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

function listen(server: ReturnType<typeof createServer>, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : 0);
    });
  });
}

async function freePort(host: string): Promise<number> {
  const server = createServer();
  const port = await listen(server, host);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
