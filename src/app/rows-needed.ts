import { articleRates, levelDurationS } from '../protocols/index.ts';
import type { RunSettings } from './settings.ts';

/** Prompts that the check of lengths looks at; no run needs fewer rows. */
const fewest = 64;
/** Arrivals of a Poisson process in excess of their mean, and the uncounted tail behind a level. */
const margin = 2;
/** A quick look sends some dozens. */
const quickLook = 512;

/**
 * Replies that one stream can be thought to end in a second: at 1000 tokens a second, faster than
 * servers are, those of 200 tokens, which is short for a conversation.
 */
const repliesPerStream = 5;

/**
 * About how many rows of a data set a run can come to send, so that the tokens of the others need
 * not be counted: a server takes its time for ten thousand of them. It follows from the settings
 * alone (and from the server's slots), so that the same run sends the same rows. Infinity where
 * nothing tells beforehand. Levels send the same rows; should one send more than this, rows are
 * repeated.
 *
 * @param slots requests that the server works on at once; null = it does not say
 */
export function countRowsNeeded(
  settings: Pick<
    RunSettings,
    | 'requests'
    | 'duration'
    | 'rate'
    | 'sweep'
    | 'sustained'
    | 'fitContext'
    | 'concurrency'
    | 'maxConcurrency'
  >,
  quick: boolean,
  slots: number | null,
): number {
  const { requests, sweep } = settings;
  if (quick) return quickLook;
  const durationS = Math.max(settings.duration ?? levelDurationS, settings.sustained ?? 0);
  const rates = sweep === 'article' ? articleRates : sweep === null ? settings.rate : null;
  const byLoad =
    rates === null
      ? streamsOf(settings, slots) * repliesPerStream * durationS
      : Math.max(...rates) * durationS * margin;
  // A sustained run and a search go on for longer than a level of so many requests.
  const bounded = sweep === null && settings.sustained === null ? requests : null;
  const most = Math.min(byLoad, (bounded ?? Number.POSITIVE_INFINITY) * margin);
  // What does not fit is replaced by others.
  const spare = settings.fitContext ? 2 : 1;
  return Math.max(fewest, Math.ceil(most * spare));
}

/** Most requests that the server works on at once, as far as it is known. */
function streamsOf(
  {
    sweep,
    concurrency,
    maxConcurrency,
  }: Pick<RunSettings, 'sweep' | 'concurrency' | 'maxConcurrency'>,
  slots: number | null,
): number {
  const callers = sweep === null ? [...(concurrency ?? []), ...(maxConcurrency ?? [])] : [];
  const asked = callers.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...callers);
  return Math.min(asked, slots ?? Number.POSITIVE_INFINITY);
}
