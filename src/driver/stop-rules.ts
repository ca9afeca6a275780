import type { Finding, RequestRecord } from '../model/index.ts';

/** Why a level may end before its plan does; by name, so that it can be asked of another thread. */
export type StopRule = keyof typeof rules;

/** The rule of that name: a finding once it holds, null before. */
export function stopRule(name: StopRule): (records: readonly RequestRecord[]) => Finding | null {
  return rules[name];
}

const rules = {
  /**
   * A dead target must not be asked a thousand times: where the first ten that were sent have all
   * failed, or a hundred have and none has succeeded, the level ends. Not the first ten to end: a
   * server that is full refuses at once what it has no room for, long before it ends an answer.
   */
  'level-failed': (records: readonly RequestRecord[]): Finding | null => {
    if (!onlyFailures(records, 10)) return null;
    const areFirst = areTheFirst(records);
    if (records.length < 100 && !areFirst) return null;
    const [first] = records;
    const what = areFirst
      ? `the first ${records.length} requests all failed`
      : `${records.length} requests failed and none succeeded`;
    return {
      code: 'stopped-all-failed',
      severity: 'invalid',
      message: `stopped: ${what} (${first?.outcome}${first?.error ? `: ${first.error}` : ''}).`,
    };
  },
  /** Three failures and no success tell enough of a warm-up, burst or probe. */
  'probe-failed': (records: readonly RequestRecord[]): Finding | null =>
    onlyFailures(records, 3)
      ? {
          code: 'probe-stopped',
          severity: 'info',
          message: 'stopped: every request of the probe failed.',
        }
      : null,
};

const onlyFailures = (records: readonly RequestRecord[], atLeast: number) =>
  records.length >= atLeast && !records.some((record) => record.outcome === 'ok');

/** No earlier request is still under way. Of several threads each has every n-th request. */
function areTheFirst(records: readonly RequestRecord[]): boolean {
  const [first = 0, second = 1, ...rest] = records.map(({ index }) => index).sort((a, b) => a - b);
  const stride = second - first;
  return first < stride && rest.slice(0, 8).every((index, i) => index === first + (i + 2) * stride);
}
