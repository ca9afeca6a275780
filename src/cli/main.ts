import { CommanderError } from 'commander';
import { type BenchError, ExitCode, type Host, isBenchError, redactText } from '../core/index.ts';
import { addCompletion, completionCommand } from './completion.ts';
import { createProgram } from './program.ts';

/**
 * Runs one command line against a host; never throws, never exits the process.
 *
 * @returns the exit code (docs/reference/exit-codes.md)
 */
export async function main(host: Host): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.ok;
  const program = createProgram(host, (code) => {
    exitCode = code;
  });
  try {
    if (host.argv[0] === completionCommand) await addCompletion(program);
    await program.parseAsync([...host.argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return reportError(host, error);
  }
}

function reportError(host: Host, error: unknown): ExitCode {
  if (error instanceof CommanderError) {
    // Commander has already said what is wrong; help and version are no errors.
    return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  }
  if (isBenchError(error)) {
    host.stderr.write(renderError(error));
    return error.exitCode;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  host.stderr.write(
    `This is a bug in bench, not in what you did:\n${redactText(stack)}\nPlease report it with the command line above.\n`,
  );
  return ExitCode.bug;
}

/** `error: message`, the next step below it, the code for searching. */
export function renderError(error: BenchError): string {
  const hint = error.hint === undefined ? '' : `\n  ${error.hint}`;
  return `error: ${redactText(error.message)}${hint}\n  (${error.code}, exit ${error.exitCode})\n`;
}
