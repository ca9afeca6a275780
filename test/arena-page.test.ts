import { existsSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildLeaderboard, findRules, scoreTrial } from '../src/arena/index.ts';
import type { Leaderboard, TrialResult } from '../src/model/index.ts';
import { renderLeaderboardHtml, renderTrialHtml } from '../src/report/index.ts';
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

const pageOf = (trial: TrialResult) =>
  renderTrialHtml(trial, scoreTrial(trial, rules, trial.trialId));

/** A trial with everything that its page can say. */
function trialWithEvidence(): TrialResult {
  const trial = sampleTrials().find(({ trialId }) => trialId === 'careful-agent-decode-1');
  if (!trial?.final || !trial.agentPhase) throw new Error('no such sample');
  const odd = { id: 'static-rules', kind: 'integrity', required: false, verdict: 'flag' } as const;
  const limits = [
    { limit: 'memoryBytes', asked: 4294967296, by: 'cgroup-v1', reached: false },
    { limit: 'cpus', asked: 2, by: 'cgroup-v1', reached: null },
  ];
  return {
    ...trial,
    final: { ...trial.final, checks: [...trial.final.checks, { ...odd, evidence: evil }] },
    agentPhase: {
      ...trial.agentPhase,
      reason: evil,
      receipt: { how: 'killed', swept: 2, survivors: 0, limits, memoryPeakBytes: null },
    },
  };
}

describe('the page of a trial, as text', () => {
  it.each(sampleTrials().map((trial) => [trial.trialId, trial] as const))('%s', (_id, trial) => {
    const html = pageOf(trial);
    expect(html).toMatch(/^<!doctype html>/);
    expect(html.match(/(?:src|href)="(?!data:|#)[^"]*"/g)).toBeNull();
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
    const { kind } = trial.outcome;
    if (kind === 'infra_error') expect(html).toContain('Not scored: infra error');
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
      html: string,
      look: { width: number; colorScheme: 'light' | 'dark' },
    ) => {
      const file = `/tmp/arena-${name}-${look.colorScheme}-${look.width}`;
      writeFileSync(`${file}.html`, html);
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
    const seriousViolations = async (page: Page) => {
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
      return violations.filter(({ impact }) => /serious|critical/.test(impact));
    };
    const nothing = { complaints: [], external: [], overflow: 0 };

    it.each([
      { width: 1280, colorScheme: 'light' },
      { width: 1280, colorScheme: 'dark' },
      { width: 390, colorScheme: 'light' },
    ] as const)(
      'draws every row at $width px, $colorScheme, without a serious violation by axe',
      async (look) => {
        const { page, seen } = await open(
          'board',
          renderLeaderboardHtml(build(sampleTrials())),
          look,
        );
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
        expect(await seriousViolations(page)).toEqual([]);
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
      const { page, seen } = await open(
        'evil',
        renderLeaderboardHtml(build([...evilTrials(), ...small])),
        look,
      );
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

    it.each([
      { width: 1280, colorScheme: 'dark' },
      { width: 390, colorScheme: 'light' },
    ] as const)(
      'shows a trial at $width px, and runs nothing that it smuggled in',
      async (look) => {
        const trial = trialWithEvidence();
        const { page, seen } = await open('trial', pageOf(trial), look);
        expect(seen).toEqual(nothing);
        expect(await page.evaluate('window.pwned === undefined')).toBe(true);
        expect(await page.locator('h1').textContent()).toBe('Scores 12.00×');
        expect(await page.locator('#parts .score-bar').count()).toBe(1);
        // What failed or was flagged comes first.
        const verdicts = await page.locator('#checks tbody td:nth-child(3)').allTextContents();
        expect(verdicts).toHaveLength(trial.final?.checks.length ?? 0);
        expect(verdicts[0]).toBe('! flag');
        expect(await page.locator('#agent').textContent()).toContain('4.3 GB, held by cgroup-v1');
        expect(await seriousViolations(page)).toEqual([]);
        await page.close();
      },
      60_000,
    );
  },
);
