export interface Counts {
  passed: number;
  failed: number;
}

/** A test that failed, or a file that failed outside its tests. */
export interface Failure {
  /** Absolute path. */
  file: string;
  /** Null: the file itself. */
  test: string | null;
  /** First line of what was thrown. */
  message: string;
}

/** What test machinery reads: exactly `N passed, N failed`. */
export function closingLine({ passed, failed }: Counts): string {
  return `${passed} passed, ${failed} failed`;
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  testResults: FileResult[];
}

interface FileResult {
  name?: string;
  status: string;
  message?: string;
  assertionResults: { status: string; fullName?: string; failureMessages?: string[] }[];
}

/**
 * Counts of a vitest JSON report. A file that failed outside its tests (an import, a hook)
 * counts as one failure, and so does a run that failed without saying where or ran no test.
 *
 * @param text the report, null when there is none
 * @param exitCode of vitest
 */
export function countVitest(text: string | null, exitCode: number): Counts {
  if (text === null) return { passed: 0, failed: 1 };
  const report = JSON.parse(text) as VitestReport;
  const passed = report.numPassedTests;
  const failed = report.numFailedTests + report.testResults.filter(isBroken).length;
  if (failed === 0 && (exitCode !== 0 || passed === 0)) return { passed, failed: 1 };
  return { passed, failed };
}

/** What failed, by name: a log that is cut short must still end with it. */
export function failuresOf(text: string | null): Failure[] {
  if (text === null) return [];
  const report = JSON.parse(text) as VitestReport;
  return report.testResults.flatMap((result): Failure[] => {
    const file = result.name ?? 'unknown file';
    if (isBroken(result)) return [{ file, test: null, message: firstLine(result.message) }];
    return result.assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => ({
        file,
        test: fullName ?? 'unnamed test',
        message: firstLine(failureMessages?.[0]),
      }));
  });
}

function isBroken({ status, assertionResults }: FileResult): boolean {
  return status === 'failed' && !assertionResults.some((result) => result.status === 'failed');
}

function firstLine(text = ''): string {
  return text.trim().split('\n')[0] ?? '';
}
