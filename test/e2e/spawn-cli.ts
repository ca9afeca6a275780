import { type ChildProcess, spawn } from 'node:child_process';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { nodeProgram } from '../../src/core/index.ts';
import type { SimServer } from '../../src/sim/index.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface CliProcess {
  child: ChildProcess;
  ended: Promise<{ code: number | null; signal: string | null; out: string; err: string }>;
}

/** The real program, without a wrapper between it and the signals. */
export function spawnCli(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): CliProcess {
  const child = spawn(execPath, [...nodeProgram('cli/bin'), ...argv], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let out = '';
  let err = '';
  child.stdout.on('data', (bytes: Buffer) => {
    out += bytes.toString();
  });
  child.stderr.on('data', (bytes: Buffer) => {
    err += bytes.toString();
  });
  const ended = new Promise<Awaited<CliProcess['ended']>>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, out, err }));
  });
  return { child, ended };
}

/** Resolves when the server has been asked so often; rejects when the program ends before. */
export async function untilRequests(
  cli: CliProcess,
  server: SimServer,
  count: number,
): Promise<void> {
  let end: Awaited<CliProcess['ended']> | null = null;
  void cli.ended.then((result) => {
    end = result;
  });
  while (server.requests < count) {
    if (end !== null) throw new Error(`ended too early: ${JSON.stringify(end)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
