import { spawn } from 'node:child_process';
import type { EngineContext } from './context.ts';
import { guardPrefix } from './guard.ts';
import { sendSignal } from './process-sweep.ts';

export interface CommandResult {
  /** null: could not be started, was killed, or ran past its limit. */
  code: number | null;
  stdout: string;
  stderr: string;
  /** Why there is no exit code. */
  problem: string | null;
}

export interface CommandOptions {
  timeoutMs?: number;
  env?: Record<string, string>;
  cwd?: string;
  onLine?: (line: string) => void;
}

/**
 * Runs a command to its end. Never rejects: a command that cannot run is a result. One without a
 * time limit (an install) is tied to this process, and ends with it.
 */
export function runCommand(
  ctx: EngineContext,
  command: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const grouped = ctx.platform !== 'win32';
  const tied = options.timeoutMs === undefined && grouped;
  const [program = '', ...args] = tied ? [...guardPrefix, ...command] : command;
  return new Promise((resolve) => {
    let stdout = '';
    let stderr = '';
    let problem: string | null = null;
    const child = spawn(program, args, {
      env: { ...ctx.env, ...options.env },
      stdio: [tied ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      // A group of its own, to be ended whole: a script's own children hold its pipes.
      detached: grouped,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    const give = (reason: string) => {
      problem ??= reason;
      if (grouped && child.pid !== undefined) sendSignal(-child.pid, 'SIGKILL');
      else child.kill('SIGKILL');
      // What has left the group may hold them still.
      child.stdout?.destroy();
      child.stderr?.destroy();
    };
    const timer = options.timeoutMs
      ? setTimeout(
          () => give(`no end after ${(options.timeoutMs ?? 0) / 1000} s`),
          options.timeoutMs,
        )
      : undefined;
    const onAbort = () => give('interrupted');
    if (ctx.signal?.aborted) onAbort();
    ctx.signal?.addEventListener('abort', onAbort, { once: true });
    let partial = '';
    child.stdin?.on('error', () => {});
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (!options.onLine) return;
      const lines = (partial + text).split(/[\r\n]+/);
      partial = lines.pop() ?? '';
      for (const line of lines) options.onLine(line);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (error) => {
      problem ??= error.message;
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      ctx.signal?.removeEventListener('abort', onAbort);
      if (code === null) problem ??= 'killed by a signal';
      resolve({ code: problem === null ? code : null, stdout, stderr, problem });
    });
  });
}

/** One line that says why a command failed: its last line on stderr, else the exit code. */
export function commandFailure(result: CommandResult): string {
  if (result.problem) return result.problem;
  const lines = result.stderr.trim().split('\n');
  const error = lines.findLast((line) => /^(ERROR|error|.*Error:)/.test(line)) ?? lines.at(-1);
  return error?.trim() || `exit code ${result.code}`;
}
