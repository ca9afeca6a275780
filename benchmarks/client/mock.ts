import { type ChildProcess, spawn } from 'node:child_process';
import type { ServerBehaviour } from './cells.ts';

export const mockModel = 'inferencebench/known-truth-mock-8b-instruct-one-token-per-write';

export interface RunningMock {
  port: number;
  /** Ends it; its files are whole afterwards. */
  stop(): Promise<void>;
}

export interface MockOptions {
  program: string;
  core: number;
  /** Real-time scheduling: nothing else on its core delays a write. */
  raise: boolean;
  /** Path and beginning of the names of its files. */
  prefix: string;
  server: ServerBehaviour;
  tokenLog: boolean;
  runningUsage: 'ignore' | 'honour';
  limitS: number;
}

export async function startMock(options: MockOptions): Promise<RunningMock> {
  const { server } = options;
  const flags: Record<string, string | number> = {
    '--mode': server.mode,
    '--prefill-ms': server.prefillMs,
    '--itl-ms': server.itlMs,
    '--freeze-at-s': server.freezeAtS ?? -1,
    '--token-log': options.tokenLog ? 1 : 0,
    '--running-usage': options.runningUsage,
    // Polling at real-time priority would run into the kernel's limit on it.
    '--spin-us': options.raise ? 0 : 60,
    '--limit-s': options.limitS,
    '--model': mockModel,
    '--out': options.prefix,
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [name, `${value}`]);
  const priority = options.raise ? ['chrt', '-f', '20'] : [];
  const command = ['-c', `${options.core}`, ...priority, options.program, ...args];
  const child = spawn('taskset', command, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const port = await readPort(child);
  return {
    port,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function readPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (bytes: Buffer) => {
      text += bytes.toString();
      const port = /listening (\d+)/.exec(text)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    child.on('error', reject);
    child.on('close', (code) => reject(new Error(`mock-server ended with ${code}`)));
  });
}
