import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell } from './cells.ts';
import type { Client, RunPlace, SaidRun } from './clients/client.ts';
import type { Cores } from './cores.ts';
import { mockModel, startMock } from './mock.ts';
import type { NativePrograms } from './native.ts';
import { readTruth, type Truth } from './truth.ts';

/** Seen from outside while the client ran; nanoseconds on CLOCK_MONOTONIC since `startNs`. */
export interface Launched {
  startNs: bigint;
  wallS: number;
  exitCode: number;
  signal: number;
  timedOut: boolean;
  /** User and system time of the whole tree. */
  cpuS: number;
  maxRssKb: number;
  /** [time, CPU time so far], every 20 ms. */
  samples: [number, number][];
}

export interface CoreUse {
  /** Of the client's core, all processes, and what the hypervisor took; seconds. */
  busyS: number;
  stealS: number;
}

export interface Measured {
  truth: Truth;
  said: SaidRun;
  launched: Launched;
  core: CoreUse;
}

export interface MeasureOptions {
  programs: NativePrograms;
  cores: Cores;
  raise: boolean;
  runningUsage: 'ignore' | 'honour';
  seconds: number;
  dir: string;
  tokenizer: string;
  seed: number;
}

/** One client once against a fresh mock. @throws when the client fails, with the end of its log */
export async function measure(
  client: Client,
  cell: Cell,
  options: MeasureOptions,
): Promise<Measured> {
  const limitS = 60 + 6 * options.seconds;
  const prefix = join(options.dir, 'mock');
  const mock = await startMock({
    program: options.programs.mockServer,
    core: options.cores.mock,
    raise: options.raise,
    prefix,
    server: cell.server,
    tokenLog: cell.tokenTimes,
    runningUsage: options.runningUsage,
    limitS: limitS + 30,
  });
  const place: RunPlace = {
    port: mock.port,
    model: mockModel,
    dir: options.dir,
    tokenizer: options.tokenizer,
    requests: cell.requests(options.seconds),
    seed: options.seed,
  };
  const before = readCore(options.cores.client);
  try {
    await launch(client.command(cell, place), options, limitS);
  } finally {
    await mock.stop();
  }
  const after = readCore(options.cores.client);
  const launched = readLaunched(join(options.dir, 'launch.json'));
  // A result that says it must not be used (our exit code 6, ...) is still a result to compare.
  const said = await client.read(cell, place).catch((error: unknown) => {
    const why = launched.timedOut ? `had not ended after ${limitS} s` : `exit ${launched.exitCode}`;
    throw new Error(
      `${client.id} ${why}: ${tail(join(options.dir, 'client.log')) || String(error)}`,
    );
  });
  return {
    truth: readTruth(prefix),
    said,
    launched,
    core: { busyS: after.busyS - before.busyS, stealS: after.stealS - before.stealS },
  };
}

function launch(command: readonly string[], options: MeasureOptions, limitS: number) {
  const out = openSync(join(options.dir, 'client.log'), 'w');
  const flags = [
    '--cpu',
    `${options.cores.client}`,
    '--nice',
    options.raise ? '-19' : '0',
    '--limit-s',
    `${limitS}`,
    '--out',
    join(options.dir, 'launch.json'),
  ];
  return new Promise<void>((resolve, reject) => {
    const child = spawn(
      'taskset',
      ['-c', `${options.cores.watcher}`, options.programs.launch, ...flags, '--', ...command],
      {
        stdio: ['ignore', out, out],
        cwd: options.dir,
        env: { ...process.env, WORKERS: '1', NO_COLOR: '1', HF_HUB_OFFLINE: '1' },
      },
    );
    child.on('error', reject);
    child.on('close', () => {
      closeSync(out);
      resolve();
    });
  });
}

function readLaunched(path: string): Launched {
  const launched = JSON.parse(readFileSync(path, 'utf8'));
  return { ...launched, startNs: BigInt(launched.startNs) };
}

function tail(path: string): string {
  return readFileSync(path, 'utf8').trim().split('\n').slice(-8).join('\n');
}

const ticksPerS = 100;

function readCore(core: number): CoreUse {
  const line = readFileSync('/proc/stat', 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`cpu${core} `));
  const ticks = (line ?? '').split(/\s+/).slice(1).map(Number);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = ticks;
  return {
    busyS: (user + nice + system + irq + softirq) / ticksPerS,
    stealS: steal / ticksPerS,
  };
}
