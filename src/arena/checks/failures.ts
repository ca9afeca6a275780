import { always, type Check, fail, flag, notRun, pass } from './check.ts';
import { share } from './numbers.ts';

const mostFailed = 0.05;

/** Failed requests void: a server that refuses work quickly is not a fast one. */
export const failures: Check = {
  id: 'failures',
  kind: 'readiness',
  required: always,
  open: () => ({
    async verdict({ timed }) {
      const answers = timed.flatMap((one) => one.answers);
      if (answers.length === 0) return notRun('no timed traffic');
      const failed = answers.filter(({ outcome }) => outcome !== 'ok');
      const [first] = failed;
      if (first === undefined) return pass(`${answers.length} timed requests ended well`);
      const why = `${share(failed.length, answers.length)} timed requests failed, the first: ${first.outcome}${first.status === null ? '' : ` (HTTP ${first.status})`}`;
      return failed.length > mostFailed * answers.length ? fail(why) : flag(why);
    },
  }),
};
