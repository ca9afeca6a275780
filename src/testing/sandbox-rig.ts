import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineContext } from '../engines/index.ts';
import type {
  LimitReport,
  Sandbox,
  Sandboxed,
  SandboxOptions,
  SandboxReceipt,
} from '../sandbox/index.ts';

/** A sandbox on a machine where it can be used. Needs /bin/sh and python3. */
export interface SandboxSubject {
  sandbox: Sandbox;
  context: EngineContext;
  /** An empty folder for this suite, which its user can write. */
  folder: string;
}

/** A program that was started for a case, and what to know of it. */
export interface Rig {
  sandboxed: Sandboxed;
  /** Seen from here. */
  workspace: string;
  logText(): string;
  /** Processes that carry this word in their command line, by /proc and not by the sandbox. */
  marked(): number[];
  stop(graceMs?: number): Promise<SandboxReceipt>;
}

/** Marks what a program starts: `$0` of a shell, an argument of Python. */
export type Program = (mark: string) => readonly string[];

export const shell =
  (script: string): Program =>
  (mark) => ['/bin/sh', '-c', script, mark];

export const python =
  (script: string): Program =>
  (mark) => ['python3', '-c', script, mark];

export async function startRig(
  { sandbox, context, folder }: SandboxSubject,
  program: Program,
  changes: Partial<SandboxOptions> = {},
): Promise<Rig> {
  const dir = mkdtempSync(join(folder, 'case-'));
  const workspace = join(dir, 'workspace');
  mkdirSync(workspace);
  const logPath = join(dir, 'log');
  const mark = `mark-${randomUUID()}`;
  const sandboxed = await sandbox.start(context, {
    command: program(mark),
    workspace: { from: workspace, to: '/workspace' },
    readOnly: [],
    env: {},
    limits: { memoryBytes: null, cpus: null, cpuset: null, processes: null, diskBytes: null },
    network: 'loopback',
    log: { path: logPath, maxBytes: 1_000_000 },
    timeLimitMs: 120_000,
    ...changes,
  });
  return {
    sandboxed,
    workspace,
    logText: () => readFileSync(logPath, 'utf8'),
    marked: () => findMark(mark),
    stop: (graceMs = 5_000) => sandboxed.stop({ graceMs }),
  };
}

/** Runs a program to its end and stops it; nothing may be left. */
export async function runRig(
  subject: SandboxSubject,
  program: Program,
  changes: Partial<SandboxOptions> = {},
): Promise<{ code: number | null; text: string; workspace: string; receipt: SandboxReceipt }> {
  const rig = await startRig(subject, program, changes);
  const { code } = await rig.sandboxed.exited;
  const receipt = await rig.stop();
  assertGone(rig, receipt);
  return { code, text: rig.logText(), workspace: rig.workspace, receipt };
}

export function assertGone(rig: Rig, receipt: SandboxReceipt): void {
  assert.deepEqual(receipt.survivors, [], 'the receipt names no survivor');
  assert.deepEqual(rig.marked(), [], 'and /proc shows none');
  assert.equal(rig.sandboxed.pid(), null);
  assert.ok(rig.sandboxed.hasExited());
}

export function reportOf(receipt: SandboxReceipt, limit: LimitReport['limit']): LimitReport {
  const found = receipt.limits.find((one) => one.limit === limit);
  assert.ok(found, `the receipt reports ${limit}`);
  return found;
}

/** Polls until `probe` is true; throws after `limitMs`, which only bounds a hang. */
export async function until(what: string, probe: () => boolean, limitMs = 45_000): Promise<void> {
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += 25) {
    if (probe()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.fail(`not within ${limitMs} ms: ${what}`);
}

/** Runs a program of this machine to its end. */
export function output([program = '', ...args]: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve(error === null ? stdout : `failed: ${stdout}${stderr}`);
    });
  });
}

function findMark(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(mark);
      } catch {
        return false;
      }
    })
    .map(Number);
}
