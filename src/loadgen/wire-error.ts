import { BenchError, isBenchError, messageOf } from '../core/index.ts';
import type { WireError } from './messages.ts';

export function toWireError(error: unknown): WireError {
  return {
    message: messageOf(error),
    code: isBenchError(error) ? error.code : null,
    hint: isBenchError(error) ? (error.hint ?? null) : null,
    stack: error instanceof Error ? (error.stack ?? null) : null,
  };
}

/** The error again, with the stack of the thread that it came from. */
export function fromWireError({ message, code, hint, stack }: WireError): Error {
  const error =
    code === null
      ? new Error(message)
      : new BenchError(code, message, hint === null ? {} : { hint });
  if (stack !== null) error.stack = stack;
  return error;
}
