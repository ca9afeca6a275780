import { ExitCode } from './exit-codes.ts';

export interface BenchErrorOptions {
  /** The next step for the person who reads the error. */
  hint?: string;
  /** Facts for machines (`--json`); never secrets. */
  details?: Record<string, unknown>;
  cause?: unknown;
}

/**
 * The families of error codes, and the exit code each ends the process with.
 * Anything thrown that is not a BenchError is a bug: it shows its stack and exits 1.
 */
const exitCodeByFamily: Record<string, ExitCode> = {
  USAGE: ExitCode.usage,
  PREREQ: ExitCode.prerequisite,
  // A thread of the client that dies is nobody's fault but its own.
  CLIENT: ExitCode.bug,
  ENGINE: ExitCode.target,
  TARGET: ExitCode.target,
  WORKLOAD: ExitCode.usage,
  RESULT: ExitCode.prerequisite,
  // What was measured cannot do what is asked of it.
  SLO: ExitCode.slo,
  // What was asked for is not whole, and nothing is wrong with what there is.
  BUDGET: ExitCode.budget,
  INTERRUPTED: ExitCode.interrupted,
};

/** An expected failure: a stable code, the offending value in the message, the next step in the hint. */
export class BenchError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly details: Record<string, unknown> | undefined;
  readonly exitCode: ExitCode;

  /** @param code `FAMILY_WHAT`, for example `TARGET_REFUSED`; the family decides the exit code. */
  constructor(code: string, message: string, options: BenchErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BenchError';
    this.code = code;
    this.hint = options.hint;
    this.details = options.details;
    this.exitCode = exitCodeByFamily[code.split('_')[0] ?? ''] ?? ExitCode.bug;
  }
}

export function isBenchError(value: unknown): value is BenchError {
  return value instanceof BenchError;
}

/** The message of anything thrown, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
