/** A cause of failure that an engine's log gives away. */
export interface LogPattern {
  /** Stable, kebab-case: `port-in-use`. */
  cause: string;
  pattern: RegExp;
  /** What it means, in a sentence. */
  explanation: string;
  /** The next step. */
  hint: string;
  /** Where the line was seen or read, with the engine's version; absent for what any program prints. */
  source?: string;
}

/** The first pattern that a line of the log matches; patterns are in order of preference. */
export function explainLog(
  lines: readonly string[],
  patterns: readonly LogPattern[],
): (LogPattern & { line: string }) | null {
  for (const pattern of patterns) {
    const line = lines.findLast((candidate) => pattern.pattern.test(candidate));
    if (line !== undefined) return { ...pattern, line };
  }
  return null;
}

/** Causes that look the same whatever the engine. */
export const commonLogPatterns: readonly LogPattern[] = [
  {
    cause: 'port-in-use',
    pattern: /address already in use|EADDRINUSE|couldn't bind|failed to bind|bind: .*in use/i,
    explanation: 'The port is taken by another process.',
    hint: 'Leave --port away to get a free one, or stop the other process (bench engine list).',
  },
  {
    cause: 'out-of-memory',
    pattern:
      /out of memory|cannot allocate memory|std::bad_alloc|MemoryError|failed to allocate|unable to allocate/i,
    explanation: 'The engine ran out of memory.',
    hint: 'Take a smaller model or quantisation, or fewer slots and less context.',
  },
  {
    cause: 'missing-library',
    pattern:
      /error while loading shared libraries|cannot open shared object file|Library not loaded|version `GLIBC[^']*' not found|DLL load failed/i,
    explanation: 'A system library that the engine needs is missing or too old.',
    hint: 'Install the library that the log names, or use another source of the engine.',
  },
  {
    cause: 'unsupported-cpu',
    pattern: /illegal instruction|SIGILL/i,
    explanation: 'The build uses CPU instructions that this machine does not have.',
    hint: 'Use another source of the engine (--engine-path).',
  },
];
