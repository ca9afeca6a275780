import { describe, expect, it } from 'vitest';
import type { RequestRecord, RunEvent } from '../model/index.ts';
import { createVirtualClock } from '../sim/index.ts';
import { createPatience } from './patience.ts';

const refused = (endUs: number, error: string) =>
  ({ outcome: 'rate_limited', status: 429, endUs, error }) as RequestRecord;

async function waitedUs(records: RequestRecord[], abortAtUs?: number) {
  const clock = createVirtualClock();
  const patience = createPatience(clock);
  const events: RunEvent[] = [];
  const stop = new AbortController();
  if (abortAtUs !== undefined) clock.at(abortAtUs, () => stop.abort(new Error('stop')));
  patience.note(records, 0);
  let endUs = -1;
  void patience
    .wait((event) => events.push(event), stop.signal)
    .then(() => {
      endUs = clock.nowUs();
    });
  await clock.run();
  return { endUs, events, findings: patience.findings() };
}

describe('createPatience', () => {
  it('waits as long as the latest of the refused was told, from its end on', async () => {
    const { endUs, events, findings } = await waitedUs([
      refused(1e6, 'HTTP 429 (retry-after: 20 s)'),
      refused(5e6, 'HTTP 429 (retry-after: 10 s; x-ratelimit-limit-requests: 60): slow down'),
      refused(9e6, 'HTTP 429'),
    ]);
    expect(endUs).toBe(21e6);
    expect(events).toEqual([
      { kind: 'log', message: 'waiting 21 s, as the server asks (Retry-After)' },
    ]);
    expect(findings).toMatchObject([{ code: 'waited-for-limit', severity: 'info' }]);
    expect(findings[0]?.message).toContain('once');
  });

  it('no longer than a minute, and says so', async () => {
    const { endUs, events, findings } = await waitedUs([
      refused(0, 'HTTP 429 (retry-after: 3600 s)'),
    ]);
    expect(endUs).toBe(60e6);
    expect(events[0]).toMatchObject({
      message: expect.stringContaining('waiting 60 s, no longer'),
    });
    expect(findings[0]?.message).toContain('up to 3600 s');
  });

  it('not at all where nothing was refused, or nobody said for how long', async () => {
    const ok = { outcome: 'ok', error: null, endUs: 5 } as RequestRecord;
    const { endUs, events, findings } = await waitedUs([ok, refused(5, 'HTTP 429: no')]);
    expect([endUs, events, findings]).toEqual([0, [], []]);
  });

  it('ends with the run', async () => {
    const { endUs } = await waitedUs([refused(0, 'HTTP 429 (retry-after: 20 s)')], 3e6);
    expect(endUs).toBe(3e6);
  });
});
