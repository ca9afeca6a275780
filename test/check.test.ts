import { describe, expect, test } from 'vitest';
import { closingLine, countVitest } from '../tools/count-results.ts';

const report = (passed: number, failed: number, files: [string, string[]][]) =>
  JSON.stringify({
    numPassedTests: passed,
    numFailedTests: failed,
    testResults: files.map(([status, results]) => ({
      status,
      assertionResults: results.map((result) => ({ status: result })),
    })),
  });

describe('the counts of a run', () => {
  test.each([
    ['all fine', report(3, 0, [['passed', ['passed']]]), 0, 3, 0],
    ['failed tests', report(1, 2, [['failed', ['failed', 'failed', 'passed']]]), 1, 1, 2],
    ['a file that cannot be loaded', report(1, 0, [['failed', []]]), 1, 1, 1],
    ['an after hook that throws', report(1, 0, [['failed', ['passed']]]), 1, 1, 1],
    ['an unhandled rejection', report(4, 0, [['passed', ['passed']]]), 1, 4, 1],
    ['no test at all', report(0, 0, []), 0, 0, 1],
    ['no report', null, 0, 0, 1],
  ])('%s', (_name, text, exitCode, passed, failed) => {
    expect(countVitest(text, exitCode)).toEqual({ passed, failed });
  });

  test('close in the words that machines read', () => {
    expect(closingLine({ passed: 12, failed: 0 })).toBe('12 passed, 0 failed');
  });
});
