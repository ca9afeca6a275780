import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createRng } from '../../src/core/index.ts';
import { createEntryContext } from '../../src/engines/entry-context.ts';
import { withLock } from '../../src/engines/lock.ts';
import { runCli } from '../cli/run-cli.ts';
import {
  type BenchProcess,
  bench,
  eventually,
  fetchEngineAndModel,
  startBench,
} from './bench-process.ts';
import {
  createPlayground,
  type IsolationKind,
  isFree,
  type Playground,
  pathFor,
  portsOf,
  strayMemory,
} from './traces.ts';

/** Six kills cover every kind of moment, signal and isolation; twenty with BENCH_TEST_FULL=1. */
const kills = process.env['BENCH_TEST_FULL'] ? 20 : 6;
const seed = Number(process.env['BENCH_KILL_SEED'] ?? 11);

const dir = mkdtempSync(join(tmpdir(), 'bench-kill-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let playground: Playground;
beforeAll(async () => {
  await fetchEngineAndModel();
  playground = createPlayground(dir);
}, 600_000);

/** Two short levels, and everything that comes before and after. */
const shortRun = (output: string) => [
  ...['run', 'llm.inference', '--engine', 'llama.cpp', '--model', 'smollm2-135m'],
  ...['--rate', '4,8', '--requests', '8', '--input-tokens', '16', '--output-tokens', '8'],
  ...['--gates', 'off', '--rest', '0', '--warmup-runs', '1', '--warmup-requests', '3'],
  ...['--threads', '1', '--allow-client-bottleneck', '--output', output],
];

/** What is seen of a run when it reaches a stage, and how long the stage takes at most, about. */
const stages: { name: string; spanMs: number; reached(err: string, output: string): boolean }[] = [
  { name: 'install check', spanMs: 100, reached: (_, output) => existsSync(output) },
  { name: 'start', spanMs: 200, reached: (err) => err.includes('engine: starting') },
  {
    name: 'readiness',
    spanMs: 700,
    reached: (_, output) => existsSync(join(output, 'engine.log')),
  },
  { name: 'preflight', spanMs: 300, reached: (err) => err.includes('preflight:') },
  { name: 'warm-up', spanMs: 400, reached: (err) => err.includes('warm-up:') },
  { name: 'first level', spanMs: 1_500, reached: (err) => err.includes('level 1 of 2') },
  { name: 'drain', spanMs: 300, reached: (_, output) => recordsIn(output) >= 6 },
  { name: 'second level', spanMs: 800, reached: (err) => err.includes('level 2 of 2') },
  { name: 'stop', spanMs: 400, reached: (err) => err.includes('level 2 done') },
];

interface Kill {
  number: number;
  stage: (typeof stages)[number];
  delayMs: number;
  signal: NodeJS.Signals;
  isolation: IsolationKind;
}

/** Stages, signals and kinds take turns, each in an order of chance; the moment is of chance. */
function drawKills(): Kill[] {
  const rng = createRng(seed, 'kills');
  const turns = <T>(list: readonly T[]): ((number: number) => T) => {
    const rounds: T[][] = [];
    return (number) => {
      const round = Math.floor(number / list.length);
      rounds[round] ??= shuffled(list, rng);
      return (rounds[round] as T[])[number % list.length] as T;
    };
  };
  const stageOf = turns(stages);
  const signalOf = turns([
    'SIGKILL',
    'SIGKILL',
    'SIGKILL',
    'SIGTERM',
    'SIGKILL',
    'SIGINT',
  ] as const);
  const isolationOf = turns(['pid-namespace', 'death-signal', 'guard'] as const);
  return Array.from({ length: kills }, (_, number) => {
    const stage = stageOf(number);
    const delayMs = rng.int(stage.spanMs);
    return { number, stage, delayMs, signal: signalOf(number), isolation: isolationOf(number) };
  });
}

function shuffled<T>(list: readonly T[], rng: ReturnType<typeof createRng>): T[] {
  const left = [...list];
  return list.map(() => left.splice(rng.int(left.length), 1)[0] as T);
}

describe.skipIf(process.platform !== 'linux')(`bench run, killed (seed ${seed})`, () => {
  const cases = drawKills().map(
    (kill) =>
      [
        `${kill.number + 1}: ${kill.signal} ${kill.delayMs} ms into ${kill.stage.name}, tied by ${kill.isolation}`,
        kill,
      ] as const,
  );

  it.each(cases)('%s', async (_name, { number, stage, delayMs, signal, isolation }) => {
    const output = join(dir, `run-${number}`);
    const before = strayMemory();
    const env = { ...playground.env, PATH: pathFor(dir, isolation), BENCH_OFFLINE: '1' };
    const run = startBench(shortRun(output), { env });
    let over = false;
    void run.ended.then(() => {
      over = true;
    });
    await eventually(() => over || stage.reached(run.err(), output), stage.name, 120_000);
    expect(over, `it ended before ${stage.name}: ${run.err()}`).toBe(false);
    await new Promise((go) => setTimeout(go, delayMs));
    const ports = portsOf(run.family());
    run.child.kill(signal);
    const code = await run.ended;
    if (signal === 'SIGKILL') expect([null, 0], run.err()).toContain(code);
    // Null: it came before anybody listened for it; 0: the run was over.
    else expect([130, null, 0], run.err()).toContain(code);

    await leftNothing(run, ports, before);
    await wholeAsFarAsItWent(output, run.err());
  });

  it('and the next run is none the worse for it', async () => {
    const output = join(dir, 'next');
    const env = { ...playground.env, BENCH_OFFLINE: '1' };
    const { code, err, family } = await bench(shortRun(output), { env });
    expect(code, err).toBe(0);
    await eventually(() => family().length === 0, 'the engine is gone');
    expect(playground.litter()).toEqual([]);
  });
});

async function leftNothing(run: BenchProcess, ports: number[], memory: string[]): Promise<void> {
  await eventually(() => run.family().length === 0, `all processes are gone: ${run.err()}`);
  // A process that ends gives up its environment, by which it is known, before its sockets.
  for (const port of ports) await eventually(() => isFree(port), `port ${port} is free`);
  expect(strayMemory().filter((name) => !memory.includes(name))).toEqual([]);
  const lock = join(playground.cache.locks, 'llama.cpp.lock');
  const ctx = createEntryContext(() => {});
  await withLock(ctx, lock, { what: 'testing', timeoutMs: 10_000 }, async () => {});
  expect(playground.litter()).toEqual([]);
}

/** Requests of levels that are stored. */
function recordsIn(output: string): number {
  const path = join(output, 'requests.jsonl');
  if (!existsSync(path)) return 0;
  // The last line may be cut.
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.filter((line) => JSON.parse(line).level >= 0).length;
}

async function wholeAsFarAsItWent(output: string, said: string): Promise<void> {
  if (!existsSync(join(output, 'envelope.json'))) {
    expect(recordsIn(output)).toBe(0);
    return;
  }
  const shown = await runCli(['show', output, '--json'], { cwd: dir });
  expect(shown.exitCode, shown.err).toBe(0);
  const object = JSON.parse(shown.out);
  const finished = said.includes('\nresult: ');
  if (!finished && object.status !== 'complete') expect(object.status).toBe('partial');
  if (recordsIn(output) > 0) {
    expect(object.levels.length).toBeGreaterThan(0);
    const ok = object.levels.map((level: { metrics: Record<string, number> }) =>
      Number(level.metrics['requests_ok']),
    );
    expect(Math.max(...ok)).toBeGreaterThan(0);
  }
}

describe.skipIf(process.platform !== 'linux')('other commands, killed', () => {
  it('bench compare, between two sides', async () => {
    const before = strayMemory();
    const output = join(dir, 'compare');
    const side = ['--engine', 'llama.cpp', '--model', 'smollm2-135m', '--threads', '1'];
    const load = ['--max-concurrency', '2', '--requests', '4', '--output-tokens', '4'];
    const method = ['--warmup-requests', '2', '--rest', '0', '--allow-client-bottleneck'];
    const args = ['--a', '--slots 2', '--b', '--slots 4', ...load, ...method, '--output', output];
    const env = { ...playground.env, BENCH_OFFLINE: '1' };
    const run = startBench(['compare', ...side, ...args], { env });
    const isAt = (side: string) =>
      existsSync(join(output, 'runs', `block-01-${side}`, 'engine.log'));
    await eventually(
      () => (isAt('a') && isAt('b')) || run.child.exitCode !== null,
      'side two',
      120_000,
    );
    expect(run.child.exitCode, run.err()).toBe(null);
    const ports = portsOf(run.family());
    run.child.kill('SIGKILL');
    await run.ended;
    await leftNothing(run, ports, before);
    for (const name of readdirSync(join(output, 'runs'))) {
      await wholeAsFarAsItWent(join(output, 'runs', name), run.err());
    }
  });

  it('bench engine start before the engine is ready, and its supervisor afterwards', async () => {
    const env = { ...playground.env, BENCH_OFFLINE: '1' };
    const before = strayMemory();
    const start = ['engine', 'start', 'llama.cpp', '--threads', '1', '--idle-timeout', '600'];
    const early = startBench(start, { env });
    await eventually(() => portsOf(early.family()).length > 0, 'the engine is started', 120_000);
    const ports = portsOf(early.family());
    early.child.kill('SIGKILL');
    await early.ended;
    await leftNothing(early, ports, before);

    const late = startBench(start, { env });
    const family = late.family;
    expect(await late.ended, late.err()).toBe(0);
    const { running } = JSON.parse((await bench(['engine', 'list', '--json'], { env })).out);
    expect(running).toHaveLength(1);
    const port = portsOf(family());
    expect(port).toHaveLength(1);
    process.kill(running[0].supervisor.pid, 'SIGKILL');
    await eventually(() => family().length === 0, 'the engine dies with its supervisor');
    const after = JSON.parse((await bench(['engine', 'list', '--json'], { env })).out);
    expect(after.running).toEqual([]);
    await leftNothing(late, port, before);
  });

  it('an install, whose lock the next one takes over, and whose download it goes on with', async () => {
    const ranges: (string | undefined)[] = [];
    // Sends a beginning, and then nothing.
    const mirror = createServer((request, response) => {
      ranges.push(request.headers.range);
      response.writeHead(request.headers.range === undefined ? 200 : 206, { etag: '"one"' });
      response.write(Buffer.alloc(100_000));
    });
    await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      mirror.closeAllConnections();
      mirror.close();
    });
    const { port } = mirror.address() as AddressInfo;
    const cache = join(dir, 'empty-cache');
    const env = {
      ...playground.env,
      BENCH_CACHE_DIR: cache,
      BENCH_GITHUB_URL: `http://127.0.0.1:${port}`,
      NO_PROXY: '127.0.0.1',
      no_proxy: '127.0.0.1',
    };
    const sizeOfPart = () => {
      const folder = join(cache, 'downloads');
      const part = existsSync(folder) && readdirSync(folder).find((name) => name.endsWith('.part'));
      return part ? readFileSync(join(folder, part)).length : 0;
    };
    const first = startBench(['engine', 'install', 'llama.cpp'], { env });
    await eventually(() => sizeOfPart() === 100_000, 'a part is there', 120_000);
    first.child.kill('SIGKILL');
    await first.ended;
    await eventually(() => first.family().length === 0, 'nobody is left');
    expect(readdirSync(join(cache, 'locks'))).toEqual(['llama.cpp.lock']);

    const second = startBench(['engine', 'install', 'llama.cpp'], { env });
    await eventually(() => ranges.length >= 2, 'the download goes on', 120_000);
    expect(second.err()).not.toContain('Waiting for process');
    expect(ranges.at(-1)).toBe('bytes=100000-');
    // What was being filled when the first was killed.
    expect(readdirSync(join(cache, 'tmp'))).toHaveLength(1);
    second.child.kill('SIGINT');
    expect(await second.ended).toBe(130);
    await eventually(() => second.family().length === 0, 'nobody is left');
    expect(readdirSync(join(cache, 'tmp'))).toEqual([]);
    expect(readdirSync(join(cache, 'locks'))).toEqual([]);
  });
});
