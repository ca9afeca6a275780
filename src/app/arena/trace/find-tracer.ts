import { commandFailure, type EngineContext, runCommand } from '../../../engines/index.ts';

/** What opens files, starts programs and connects; `?`: where the machine has it. */
const calls = [
  ...['?open', 'openat', '?openat2', '?creat', '?open_by_handle_at'],
  ...['execve', '?execveat', 'socket', 'bind', 'connect', '?io_uring_setup'],
];
/**
 * Ends when it is told to (with -o it else blocks SIGTERM); follows children; paths of descriptors;
 * wall time in seconds; no signals, no exits.
 */
const options = [
  ...['-I', '2', '-f', '-qq', '-y', '-ttt', '-s', '64', '-e', 'signal=none'],
  ...['-e', `trace=${calls.join(',')}`],
];
/** Stops a program at those calls alone; kernels and sandboxes may refuse it. */
const quick = '--seccomp-bpf';

/** The command line that traces a program into a file, or why there is none here. */
export async function findTracer(
  ctx: EngineContext,
  outputPath: string,
): Promise<{ command: readonly string[] } | { reason: string }> {
  if (ctx.platform !== 'linux') return { reason: 'strace is for Linux only' };
  const version = await runCommand(ctx, ['strace', '-V'], { timeoutMs: 10_000 });
  if (version.code !== 0) {
    return { reason: 'there is no strace on PATH: install the package strace' };
  }
  let failure = '';
  for (const way of [[quick], []]) {
    const command = ['strace', ...way, ...options, '-o', outputPath, '--'];
    const tried = await runCommand(ctx, [...command, 'true'], { timeoutMs: 10_000 });
    if (tried.code === 0) return { command };
    failure = commandFailure(tried);
  }
  return { reason: `this machine does not let strace trace a program (${failure})` };
}
