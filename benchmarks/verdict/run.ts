/**
 * Is the verdict on the client right, live? Runs that were disturbed on purpose must be called
 * `bottleneck` or `degraded`, healthy ones on a quiet machine must not. See ../README.md.
 *
 *   npm run bench:verdict -- --healthy 50 --rounds 3
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Envelope } from '../../src/model/index.ts';
import { startMock } from '../client/mock.ts';
import { buildNative } from '../client/native.ts';
import { root } from '../client/places.ts';

const { values: flags } = parseArgs({
  options: {
    healthy: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '12' },
    streams: { type: 'string', default: '64' },
    'client-core': { type: 'string', default: '0' },
    'mock-core': { type: 'string', default: '1' },
  },
});

interface Scenario {
  name: string;
  /** Must the verdict be other than ok? */
  called: boolean;
  runs: number;
  /** Put in front of the program. */
  before?: readonly string[];
  /** A shell line run first: limits of the process. */
  shell?: string;
  /** Instead of `--streams`. */
  streams?: number;
  /** Does its harm from the moment that the program runs; returns what ends it. */
  disturb?(child: ChildProcess): Promise<() => void>;
}

const rounds = Number(flags.rounds);
const core = flags['client-core'];
const scenarios: Scenario[] = [
  { name: 'healthy', called: false, runs: Number(flags.healthy) },
  {
    name: 'starved of CPU: four busy loops beside it on its only core',
    called: true,
    runs: rounds,
    before: ['taskset', '-c', core],
    async disturb() {
      const burners = Array.from({ length: 4 }, () =>
        spawn('taskset', ['-c', core, process.execPath, '-e', 'for(;;);'], { stdio: 'ignore' }),
      );
      return () => {
        for (const burner of burners) burner.kill('SIGKILL');
      };
    },
  },
  {
    name: 'too few sockets: the limit on open files is below the streams',
    called: true,
    runs: rounds,
    shell: 'ulimit -n 160',
    streams: 256,
  },
  {
    name: 'stopped for 1.5 s, its I/O thread with it',
    called: true,
    runs: rounds,
    async disturb(child) {
      await sleep(6000);
      child.kill('SIGSTOP');
      await sleep(1500);
      child.kill('SIGCONT');
      return () => {};
    },
  },
];

const dir = mkdtempSync(join(tmpdir(), 'bench-verdict-'));
const { mockServer } = buildNative();
let wrong = 0;
console.log(`load average before: ${loadavg()[0]?.toFixed(2)}`);
for (const scenario of scenarios) {
  const verdicts: Record<string, number> = {};
  const reasons = new Set<string>();
  for (let i = 0; i < scenario.runs; i++) {
    const { verdict, reason } = await runOnce(scenario, `${scenarios.indexOf(scenario)}-${i}`);
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    if (verdict !== 'ok') reasons.add(`${verdict}: ${reason}`);
    const isCalled = scenario.name === 'healthy' ? verdict === 'bottleneck' : verdict !== 'ok';
    if (isCalled !== scenario.called) wrong++;
  }
  const counts = Object.entries(verdicts).map(([verdict, n]) => `${verdict} ${n}`);
  console.log(`${scenario.name}: ${counts.join(', ')}`);
  for (const reason of [...reasons].slice(0, 4)) console.log(`    ${reason}`);
}
rmSync(dir, { recursive: true, force: true });
console.log(wrong === 0 ? 'all as it should be' : `${wrong} runs were judged wrongly`);
process.exitCode = wrong === 0 ? 0 : 1;

async function runOnce(scenario: Scenario, name: string) {
  const mock = await startMock({
    program: mockServer,
    core: Number(flags['mock-core']),
    raise: process.getuid?.() === 0,
    prefix: join(dir, `mock-${name}`),
    server: { mode: 'staggered', prefillMs: 55, itlMs: 20, freezeAtS: null },
    tokenLog: false,
    runningUsage: 'ignore',
    limitS: 120,
  });
  const output = join(dir, name);
  const command = [
    ...(scenario.before ?? []),
    process.execPath,
    join(root, 'dist', 'cli', 'bin.js'),
    'run',
    'llm.inference',
    ...['--endpoint', `http://127.0.0.1:${mock.port}/v1`, '--api', 'chat'],
    ...[
      '--max-concurrency',
      String(scenario.streams ?? flags.streams),
      '--duration',
      flags.seconds,
    ],
    ...['--input-tokens', '64', '--output-tokens', '100'],
    ...['--warmup-requests', '0', '--gates', 'off', '--max-error-share', '1'],
    ...['--output', output, '--no-html', '--json'],
  ];
  const shell =
    scenario.shell === undefined ? [] : ['bash', '-c', `${scenario.shell}; exec "$0" "$@"`];
  const [program = '', ...args] = [...shell, ...command];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'ignore'] });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const stop = await scenario.disturb?.(child);
  await ended;
  stop?.();
  await mock.stop();
  const envelope = JSON.parse(readFileSync(join(output, 'envelope.json'), 'utf8')) as Envelope;
  const { verdict, reason } = envelope.client;
  return { verdict: verdict ?? 'none', reason: reason ?? envelope.error?.message ?? '' };
}
