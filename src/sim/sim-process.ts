import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { BenchError, entryPoint, runsFromSource } from '../core/index.ts';
import { parseSimSpec } from './parse-sim-spec.ts';
import type { SimSpecInput } from './sim-spec.ts';
import { parseTruthLog, type TruthRecord } from './truth-log.ts';

export interface SimProcess {
  readonly url: string;
  readonly endpoint: string;
  readonly pid: number;
  /** The truth log so far; stamps are `hrtimeUs` of this machine. */
  truth(): Promise<TruthRecord[]>;
  /** Closes the pipe that keeps the server alive; resolves when it has ended. */
  stop(): Promise<void>;
}

/**
 * The simulated server in a process of its own, for measurements that must not share an event loop
 * with it. It ends with this process: it lives only as long as its stdin is open.
 * @throws BenchError `USAGE_SIM_SPEC` for a bad spec, `PREREQ_SIM_PROCESS` when it does not start.
 */
export async function spawnSimServer(
  specInput: SimSpecInput = {},
  options: { host?: string; port?: number; spinMs?: number } = {},
): Promise<SimProcess> {
  // A bad spec is this caller's error, not a crash of the child.
  parseSimSpec(specInput);
  const entry = fileURLToPath(entryPoint('sim/sim-main'));
  // A checkout runs TypeScript through tsx; the published package is plain JavaScript.
  const loader = runsFromSource ? ['--import', tsxUrl()] : [];
  const child = spawn(
    execPath,
    [...loader, entry, JSON.stringify({ spec: specInput, ...options })],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  let stderr = '';
  child.stderr.on('data', (bytes: Buffer) => {
    stderr = (stderr + bytes.toString()).slice(-2000);
  });
  child.stdin.on('error', () => {});
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    let stdout = '';
    child.stdout.on('data', (bytes: Buffer) => {
      stdout += bytes.toString();
      const end = stdout.indexOf('\n');
      if (end >= 0) resolve((JSON.parse(stdout.slice(0, end)) as { url: string }).url);
    });
    const fail = (cause?: unknown) =>
      reject(
        new BenchError(
          'PREREQ_SIM_PROCESS',
          `The simulated server did not start: ${stderr.trim() || 'it ended without a word'}`,
          { hint: 'Its last words are above; run it by hand with the same spec.', cause },
        ),
      );
    child.once('error', fail);
    child.once('close', () => fail());
  });
  return {
    url,
    endpoint: `${url}/v1`,
    pid: child.pid ?? 0,
    async truth() {
      const response = await fetch(`${url}/_truth`);
      return parseTruthLog(await response.text());
    },
    stop() {
      child.stdin.end();
      return ended;
    },
  };
}

function tsxUrl(): string {
  return `file://${createRequire(import.meta.url).resolve('tsx')}`;
}
