import { CommanderError } from 'commander';
import {
  asOwnLimit,
  BenchError,
  ExitCode,
  type Host,
  isBenchError,
  redactText,
} from '../core/index.ts';
import { addCompletion, completionCommand } from './completion.ts';
import { createProgram } from './program.ts';
import { renderError } from './render-error.ts';

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

function reportError(host: Host, thrown: unknown): ExitCode {
  const error = asOwnLimit(thrown) ?? thrown;
  if (error instanceof CommanderError) {
    // Commander has already said what is wrong; help and version are no errors.
    if (error.exitCode === 0) return ExitCode.ok;
    const message = error.message.replace(/^error: /, '');
    writeErrorObject(host, new BenchError('USAGE_COMMAND_LINE', message));
    return ExitCode.usage;
  }
  if (isBenchError(error)) {
    host.stderr.write(renderError(error));
    writeErrorObject(host, error);
    return error.exitCode;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  host.stderr.write(
    `This is a bug in bench, not in what you did:\n${redactText(stack)}\nPlease report it with the command line above.\n`,
  );
  writeErrorObject(host, new BenchError('BUG', redactText(stack)));
  return ExitCode.bug;
}

/** With `--json`, stdout is one JSON object, whatever happens. */
function writeErrorObject(host: Host, error: BenchError): void {
  if (!host.argv.includes('--json')) return;
  const { code, exitCode } = error;
  const hint = error.hint === undefined ? null : redactText(error.hint);
  const object = { error: { code, message: redactText(error.message), hint, exitCode } };
  host.stdout.write(`${JSON.stringify(object, null, 2)}\n`);
}
