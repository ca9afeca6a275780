import type { Finding, RequestRecord } from '../model/index.ts';

/** Why a level may end before its plan does; by name, so that it can be asked of another thread. */
export type StopRule = keyof typeof rules;

/** The rule of that name: a finding once it holds, null before. */
export function stopRule(name: StopRule): (records: readonly RequestRecord[]) => Finding | null {
  return rules[name];
}

const rules = {
  /** A dead target must not be asked a thousand times: ten failures and no success end a level. */
  'level-failed': (records: readonly RequestRecord[]): Finding | null => {
    if (!onlyFailures(records, 10)) return null;
    const [first] = records;
    return {
      code: 'stopped-all-failed',
      severity: 'invalid',
      message: `stopped: the first ${records.length} requests all failed (${first?.outcome}${first?.error ? `: ${first.error}` : ''}).`,
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
