import { describe, expect, test } from 'vitest';
import { closingLine, countVitest, failuresOf } from '../tools/count-results.ts';

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

  test('come with the names of what failed', () => {
    const text = JSON.stringify({
      numPassedTests: 1,
      numFailedTests: 1,
      testResults: [
        {
          name: '/repository/a.test.ts',
          status: 'failed',
          assertionResults: [
            { status: 'passed', fullName: 'a works' },
            { status: 'failed', fullName: 'a waits', failureMessages: ['Error: late\n    at x'] },
          ],
        },
        {
          name: '/repository/b.test.ts',
          status: 'failed',
          message: 'no such module\n',
          assertionResults: [],
        },
        { name: '/repository/c.test.ts', status: 'passed', assertionResults: [] },
      ],
    });
    expect(failuresOf(text)).toEqual([
      { file: '/repository/a.test.ts', test: 'a waits', message: 'Error: late' },
      { file: '/repository/b.test.ts', test: null, message: 'no such module' },
    ]);
    expect(failuresOf(null)).toEqual([]);
  });

  test('close in the words that machines read', () => {
    expect(closingLine({ passed: 12, failed: 0 })).toBe('12 passed, 0 failed');
  });
});
