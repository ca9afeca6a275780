import { existsSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildLeaderboard, findRules, scoreTrial } from '../src/arena/index.ts';
import type { Leaderboard, TrialResult } from '../src/model/index.ts';
import { renderLeaderboardHtml } from '../src/report/index.ts';
import { sampleTrials } from './cli/arena-trials.ts';

const rules = await findRules('speedup.v1');
const build = (trials: readonly TrialResult[]): Leaderboard =>
  buildLeaderboard(
    trials.map((trial) => scoreTrial(trial, rules, trial.trialId)),
    [rules],
    '0.1.0',
  );

const evil = '</script><script>window.pwned = true</script><img src=x onerror="window.pwned=1">';
const evilTrials = () =>
  sampleTrials().map((trial) => ({
    ...trial,
    ...{ machine: evil, outcome: { ...trial.outcome, reason: evil } },
    entry: { ...trial.entry, agent: { id: `${trial.entry.agent.id} ${evil}`, version: evil } },
  }));

describe('the page as text', () => {
  const html = renderLeaderboardHtml(build(sampleTrials()));

  it('is one file that asks for nothing', () => {
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toContain("default-src 'none'");
    expect(html.match(/(?:src|href)="(?!data:|#)[^"]*"/g)).toBeNull();
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('says so when nothing was scored', () => {
    const infra = sampleTrials().filter(({ outcome }) => outcome.kind === 'infra_error');
    const page = renderLeaderboardHtml(build(infra));
    expect(page).toContain('No scored trial');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });
});

const chromiumPath = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

describe.skipIf(chromiumPath === undefined)(
  `the page in Chromium${chromiumPath === undefined ? ' (skipped: no Chromium found; install it or set CHROMIUM_PATH)' : ''}`,
  () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await chromium.launch({
        executablePath: chromiumPath as string,
        args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
      });
    }, 60_000);
    afterAll(() => browser?.close());

    const open = async (
      name: string,
      leaderboard: Leaderboard,
      look: { width: number; colorScheme: 'light' | 'dark' },
    ) => {
      const file = `/tmp/arena-${name}-${look.colorScheme}-${look.width}`;
      writeFileSync(`${file}.html`, renderLeaderboardHtml(leaderboard));
      const page = await browser.newPage({
        viewport: { width: look.width, height: 900 },
        colorScheme: look.colorScheme,
      });
      const complaints: string[] = [];
      const requests: string[] = [];
      page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('request', (request) => requests.push(request.url()));
      const url = pathToFileURL(`${file}.html`).href;
      await page.goto(url);
      await page.screenshot({ path: `${file}.png`, fullPage: true });
      const external = requests.filter((one) => one !== url && !one.startsWith('data:'));
      const overflow = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      return { page, seen: { complaints, external, overflow } };
    };
    const nothing = { complaints: [], external: [], overflow: 0 };

    it.each([
      { width: 1280, colorScheme: 'light' },
      { width: 1280, colorScheme: 'dark' },
      { width: 390, colorScheme: 'light' },
    ] as const)(
      'draws every row at $width px, $colorScheme, without a serious violation by axe',
      async (look) => {
        const { page, seen } = await open('board', build(sampleTrials()), look);
        expect(seen).toEqual(nothing);
        for (const id of ['aggregate', 'prefill', 'decode', 'throughput', 'all-in-one']) {
          expect(await page.locator(`#scores-${id} .score-bar`).count(), id).toBe(4);
        }
        // Bars are ordered by score.
        const widths = await page
          .locator('#scores-throughput .score-bar')
          .evaluateAll((bars: { getAttribute(name: string): string | null }[]) =>
            bars.map((bar) => Number(bar.getAttribute('width'))),
          );
        expect(widths).toEqual([...widths].sort((a, b) => b - a));
        expect(await page.locator('#outcome-bars rect.o-integrity_fail').count()).toBe(1);
        expect(await page.locator('#found-decode circle.found').count()).toBe(4);
        // One value or two a row, with the number of runs: 12 in all.
        const runs = await page
          .locator('#configurations g.s-p50')
          .first()
          .locator('title')
          .allTextContents();
        expect(
          runs.map((text) => Number(/(\d+) runs?$/.exec(text)?.[1])).reduce((a, b) => a + b),
        ).toBe(12);
        expect(await page.locator('figure svg[role=img] > title').count()).toBe(
          await page.locator('figure').count(),
        );
        await page.evaluate(
          'for (const details of document.querySelectorAll("details")) details.open = true',
        );
        await page.evaluate(axe.source);
        const violations = await page.evaluate<{ id: string; impact: string }[]>(
          `axe.run({ resultTypes: ['violations'] }).then(({ violations }) =>
            violations.map(({ id, impact, nodes }) => ({
              id, impact, nodes: nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)),
            })))`,
        );
        expect(violations.filter(({ impact }) => /serious|critical/.test(impact))).toEqual([]);
        await page.close();
      },
      120_000,
    );

    it('keeps several boards apart, and runs nothing that a name smuggled in', async () => {
      const small = evilTrials().map((trial) => ({
        ...trial,
        trialId: `small-${trial.trialId}`,
        scenario: { ...trial.scenario, class: 'small' as const },
      }));
      const look = { width: 1280, colorScheme: 'dark' } as const;
      const { page, seen } = await open('evil', build([...evilTrials(), ...small]), look);
      expect(seen.complaints).toEqual([]);
      expect(seen.external).toEqual([]);
      expect(await page.evaluate('window.pwned === undefined')).toBe(true);
      expect(await page.locator('.banner').first().textContent()).toContain('Small class');
      const ids = await page
        .locator('[id]')
        .evaluateAll((all: { getAttribute(name: string): string | null }[]) =>
          all.map((one) => one.getAttribute('id')),
        );
      expect(new Set(ids).size).toBe(ids.length);
      await page.close();
    }, 60_000);
  },
);
