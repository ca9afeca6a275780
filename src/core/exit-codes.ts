/** Process exit codes; the meaning is part of the public contract (docs/reference/exit-codes.md). */
export const ExitCode = {
  ok: 0,
  bug: 1,
  usage: 2,
  prerequisite: 3,
  target: 4,
  slo: 5,
  invalid: 6,
  budget: 7,
  interrupted: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** When several apply, the first in this list wins. */
const precedence: readonly ExitCode[] = [130, 1, 2, 3, 4, 7, 6, 5, 0];

/** The one exit code of a run to which several apply. */
export function strongestExitCode(codes: readonly ExitCode[]): ExitCode {
  return precedence.find((code) => codes.includes(code)) ?? ExitCode.ok;
}
