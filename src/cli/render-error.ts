import { type BenchError, redactText } from '../core/index.ts';

/** `error: message`, the next step below it, the code for searching. */
export function renderError(error: BenchError): string {
  const hint = error.hint === undefined ? '' : `\n  ${error.hint}`;
  return `error: ${redactText(error.message)}${hint}\n  (${error.code}, exit ${error.exitCode})\n`;
}
