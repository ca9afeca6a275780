export interface Counts {
  passed: number;
  failed: number;
}

/** What test machinery reads: exactly `N passed, N failed`. */
export function closingLine({ passed, failed }: Counts): string {
  return `${passed} passed, ${failed} failed`;
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
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
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((result) => result.status === 'failed'),
  );
  const passed = report.numPassedTests;
  const failed = report.numFailedTests + brokenFiles.length;
  if (failed === 0 && (exitCode !== 0 || passed === 0)) return { passed, failed: 1 };
  return { passed, failed };
}
