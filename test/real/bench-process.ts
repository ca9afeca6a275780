import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { nodeProgram } from '../../src/core/index.ts';

const root = resolve(import.meta.dirname, '../..');

export interface BenchProcess {
  child: ChildProcess;
  /** So far. */
  out(): string;
  err(): string;
  /** Exit code; null when a signal ended it. */
  ended: Promise<number | null>;
  /** Live processes that inherited this one's environment: itself, its engine, its helpers. */
  family(): number[];
}

/** The program as a process of its own. */
export function startBench(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): BenchProcess {
  const mark = `BENCH_TEST_FAMILY=${randomUUID()}`;
  const [name = '', value = ''] = mark.split('=');
  const child = spawn(process.execPath, [...nodeProgram('cli/bin'), ...args], {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env, [name]: value },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { out: '', err: '' };
  child.stdout?.on('data', (part: Buffer) => void (texts.out += part.toString()));
  child.stderr?.on('data', (part: Buffer) => void (texts.err += part.toString()));
  return {
    child,
    out: () => texts.out,
    err: () => texts.err,
    ended: new Promise((settle) => child.on('close', settle)),
    family: () => marked(mark),
  };
}

/** Runs to the end. */
export async function bench(...args: Parameters<typeof startBench>) {
  const process = startBench(...args);
  const code = await process.ended;
  return { code, out: process.out(), err: process.err(), family: process.family };
}

/** Polls; the limit only bounds a hang. */
export async function eventually(
  probe: () => boolean | Promise<boolean>,
  what: string,
  limitMs = 60_000,
) {
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += 50) {
    if (await probe()) return;
    await new Promise((go) => setTimeout(go, 50));
  }
  throw new Error(`never true: ${what}`);
}

/** Processes with that line in their environment; zombies count as gone. Empty without /proc. */
function marked(line: string): number[] {
  let pids: string[];
  try {
    pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  } catch {
    return [];
  }
  return pids.map(Number).filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      if (/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))) return false;
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(line);
    } catch {
      return false;
    }
  });
}

/** Fetches what a fresh machine lacks: 127 MB, once. */
export async function fetchEngineAndModel(): Promise<void> {
  for (const args of [
    ['engine', 'install', 'llama.cpp'],
    ['model', 'pull', 'smollm2-135m'],
  ]) {
    const { code, err } = await bench(args);
    if (code !== 0) throw new Error(`bench ${args.join(' ')}: ${err}`);
  }
}
