import { expect, test } from 'vitest';
import { BenchError } from './errors.ts';
import { asOwnLimit } from './own-limits.ts';

test.each([
  Object.assign(new Error("EMFILE: too many open files, open '/x/main.js'"), { code: 'EMFILE' }),
  new Error('Initiated Worker with invalid execArgv: EMFILE'),
  new BenchError('CLIENT_THREAD_DIED', 'the thread died: ENFILE: file table overflow'),
])('%s is no bug', (error) => {
  const limit = asOwnLimit(error);
  expect(limit).toMatchObject({ code: 'PREREQ_OPEN_FILES', exitCode: 3 });
  expect(limit?.message).toMatch(/^Too many open files: /);
  expect(limit?.hint).toContain('ulimit -n');
});

test.each([new Error('something else'), new BenchError('TARGET_REFUSED', 'connect EMFILE'), null])(
  '%s stays what it is',
  (error) => expect(asOwnLimit(error)).toBeNull(),
);
