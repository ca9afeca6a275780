import type { CallTrace, OpenedFile } from '../judge/ports.ts';
import { type Check, type CheckVerdict, fail, flag, never, notRun, pass } from './check.ts';
import { sum } from './numbers.ts';

/** Of the given model: no smaller one stands in for it. */
const leastShare = 0.02;
const leastBytes = 1 << 20;
/** Data that is no known form of weights is odd from here on. */
const largeBytes = 16 << 20;

/**
 * Which weights a server reads: the given model, or such as came with it. Quantised weights of the
 * given model are legal, whether they came along or are made at the start; those of the machine or
 * from elsewhere are not. Not required: not every machine allows a trace, and a server that behaves
 * otherwise under one is caught by its answers.
 */
export const openedFiles: Check = {
  id: 'opened-files',
  kind: 'integrity',
  required: never,
  traced: true,
  open: () => ({
    async verdict({ calls }) {
      if ('untraced' in calls) {
        return calls.byServer ? flag(calls.untraced) : notRun(calls.untraced);
      }
      return judgeCalls(calls);
    },
  }),
};

/** The gravest first. */
export function judgeCalls(calls: CallTrace): CheckVerdict {
  const { opened, modelOpened, modelBytes, connected, blind } = calls;
  const least = Math.max(leastBytes, leastShare * modelBytes);
  const isLarge = ({ bytes }: OpenedFile) => (bytes ?? 0) >= least;
  const foreign = opened.filter(
    (one) =>
      (one.place === 'elsewhere' || one.place === 'system') &&
      one.kind === 'weights' &&
      !one.made &&
      isLarge(one),
  );
  if (foreign.length > 0) {
    return fail(
      `read weights that are not the given model and did not come along: ${tell(foreign)}`,
    );
  }
  const served = connected.filter((one) => one.served).map(({ to }) => to);
  if (served.length > 0) return fail(`connected to ${some(served)} while it answered`);

  const own = opened.filter((one) => one.place !== 'model' && one.kind !== 'program');
  const brought = own.filter((one) => one.place === 'submission' && !one.made);
  const made = own.filter((one) => one.made && isLarge(one));
  const hasBrought = sum(brought.map(({ bytes }) => bytes ?? 0)) >= least;
  if (!modelOpened && !hasBrought) {
    const missing = `opened neither the given model nor weights that came along${made.length > 0 ? `, but ${tell(made)} that it made itself` : ''}`;
    return blind ? flag(`${missing}; it may have opened files past the trace`) : fail(missing);
  }
  if (!modelOpened) return flag(`never opened the given model, but ${tell(brought)} of its own`);
  if (made.length > 0) return flag(`opened the given model, and ${tell(made)} that it made itself`);
  const odd = opened.filter(
    (one) =>
      one.place === 'elsewhere' &&
      one.kind === 'data' &&
      !one.made &&
      (one.bytes ?? 0) >= Math.max(largeBytes, least),
  );
  if (odd.length > 0) return flag(`read large files from elsewhere: ${tell(odd)}`);
  if (connected.length > 0) {
    return flag(`tried to connect to ${some(connected.map(({ to }) => to))}`);
  }
  const along = hasBrought ? `, and ${tell(brought)} that came along` : '';
  return pass(`opened the given model${along}; ran ${programs(calls)}; no connection to elsewhere`);
}

const programs = ({ executed }: CallTrace) =>
  some(
    executed.map((path) => path.slice(path.lastIndexOf('/') + 1)),
    8,
  );

const tell = (files: readonly OpenedFile[]) =>
  some(files.map(({ path, bytes }) => `${path} (${((bytes ?? 0) / 1e6).toFixed(1)} MB)`));

function some(names: readonly string[], most = 3): string {
  const different = [...new Set(names)];
  const more = different.length > most ? ` and ${different.length - most} more` : '';
  return `${different.slice(0, most).join(', ')}${more}`;
}
