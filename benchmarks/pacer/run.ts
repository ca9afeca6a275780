/**
 * How late sends leave, and what keeping the schedule costs.
 *
 *   npx tsx benchmarks/pacer/run.ts [seconds per cell, default 5]
 *
 * Poisson arrivals at 100, 1000 and 5000 req/s. `bare`: the pacer alone in a thread that does
 * nothing else. `1 token` and `10k tok/s`: real requests through an I/O thread against the simulated
 * server in a process of its own, with one token per reply and with as many as make 10 000 tokens a
 * second. Lag is the actual minus the intended send time. `core` is the thread's time on a core.
 */
import process from 'node:process';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type ClientTarget, defaultTarget } from '../../src/client/index.ts';
import { createRng } from '../../src/core/index.ts';
import {
  createMonotonicClock,
  createPacer,
  readThreadId,
  tightenSleeps,
  watchThread,
} from '../../src/host/index.ts';
import { createLoadRunner } from '../../src/loadgen/index.ts';
import { spawnSimServer } from '../../src/sim/index.ts';
import { parseArrival, parseDataset, planOpenLevel } from '../../src/workload/index.ts';

const rates = [100, 1000, 5000];

interface Cell {
  lagsUs: number[];
  core: number | null;
  waited: number | null;
}

if (isMainThread) await main(Number(process.argv[2] ?? 5));
else parentPort?.postMessage(await runBare(workerData as { rateRps: number; seconds: number }));

async function main(seconds: number): Promise<void> {
  print('load', 'req/s', 'sends', 'lag p50', 'p99', 'max, ms', 'core', 'waited for a core');
  for (const rateRps of rates) {
    row('bare', rateRps, await inThread({ rateRps, seconds }));
  }
  const server = await spawnSimServer({
    slots: null,
    prefill: { baseMs: 5, perTokenMs: 0 },
    decode: { kind: 'constant', itlMs: 10 },
  });
  try {
    for (const rateRps of rates) {
      for (const tokens of [1, Math.max(2, 10_000 / rateRps)]) {
        const cell = await runRequests(server.endpoint, rateRps, tokens, seconds);
        row(tokens === 1 ? '1 token' : '10k tok/s', rateRps, cell);
      }
    }
  } finally {
    await server.stop();
  }
}

function inThread(data: { rateRps: number; seconds: number }): Promise<Cell> {
  return new Promise((resolve, reject) => {
    const script = `import { register } from ${JSON.stringify(import.meta.resolve('tsx/esm/api'))};
      register(); await import(${JSON.stringify(import.meta.url)});`;
    const entry = new URL(`data:text/javascript,${encodeURIComponent(script)}`);
    const worker = new Worker(entry, { workerData: data });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

async function runBare({ rateRps, seconds }: { rateRps: number; seconds: number }): Promise<Cell> {
  tightenSleeps(readThreadId());
  const pacer = createPacer();
  const rng = createRng(1, 'bare');
  const lagsUs: number[] = [];
  const watch = watchThread('bare');
  const startUs = pacer.nowUs() + 50_000;
  for (let atUs = startUs; atUs < startUs + seconds * 1e6; ) {
    await pacer.sleepUntil(atUs);
    lagsUs.push(pacer.nowUs() - atUs);
    atUs += (-Math.log(rng.nextOpen()) / rateRps) * 1e6;
  }
  const { cpuShare, cpuWaitShare } = watch.read();
  watch.stop();
  return { lagsUs, core: cpuShare, waited: cpuWaitShare };
}

async function runRequests(
  url: string,
  rateRps: number,
  tokens: number,
  seconds: number,
): Promise<Cell> {
  const clock = createMonotonicClock();
  const target: ClientTarget = { ...defaultTarget, url, model: 'sim-model' };
  const dataset = await parseDataset('random').dataset.load({ counter: null, path: null });
  const plan = planOpenLevel({
    load: {
      kind: 'open',
      rateRps,
      concurrencyAsked: null,
      maxConcurrency: null,
      arrival: null,
    },
    arrival: parseArrival('poisson'),
    rateRps,
    requests: null,
    durationS: seconds + 1,
    inputTokens: { shape: 'normal' as const, mean: 16, std: 0 },
    outputTokens: { shape: 'normal' as const, mean: tokens, std: 0 },
    dataset,
    seed: 1,
    salt: 'pacer',
  });
  const runner = await createLoadRunner({ target, clock });
  try {
    await runner.prepare(Math.ceil(rateRps * tokens * 0.012) + 16);
    const run = await runner.runLevel({
      plan,
      level: 0,
      originUs: clock.nowUs(),
      idPrefix: `pacer-${rateRps}-${tokens}`,
      signal: new AbortController().signal,
      tail: false,
    });
    // The first second compiles.
    const measured = run.records.filter((r) => r.intendedUs > run.startUs + 1e6);
    const [io] = run.client.ioThreads;
    return {
      lagsUs: measured.flatMap((r) =>
        r.sentUs === null ? [] : [r.sentUs - r.connectUs - r.intendedUs],
      ),
      core: io?.cpuShare ?? null,
      waited: io?.cpuWaitShare ?? null,
    };
  } finally {
    await runner.close();
  }
}

function row(load: string, rateRps: number, { lagsUs, core, waited }: Cell): void {
  const sorted = [...lagsUs].sort((x, y) => x - y);
  const at = (p: number) =>
    ((sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? 0) / 1000).toFixed(3);
  const share = (value: number | null) => (value === null ? '?' : `${(value * 100).toFixed(1)} %`);
  print(load, rateRps, sorted.length, at(0.5), at(0.99), at(1), share(core), share(waited));
}

function print(...cells: (string | number)[]): void {
  process.stdout.write(`${cells.map((cell) => String(cell).padStart(10)).join(' ')}\n`);
}
