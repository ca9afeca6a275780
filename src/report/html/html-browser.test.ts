import { expect, it } from 'vitest';
import type { Envelope } from '../../model/index.ts';
import { makeMethodEnvelope } from '../method.fixture.ts';
import { makeEnvelope, makeLevelRuns } from '../test-support.ts';
import { describeInChromium, type Look, overflowOf, seriousViolations } from './browser.fixture.ts';
import { hostile, hostileEnvelope } from './hostile.fixture.ts';
import { renderHtml } from './html-report.ts';

function singleEnvelope(): Envelope {
  const base = makeEnvelope({ quickLook: true, slo: null, headline: 0, findings: [] });
  const levels = base.levels.slice(0, 1);
  return { ...base, levels, metrics: (levels[0] as (typeof levels)[number]).metrics };
}

describeInChromium('the page of a run', (openPage) => {
  const open = (name: string, envelope: Envelope, look: Look) =>
    openPage(name, renderHtml({ envelope, levels: makeLevelRuns(envelope) }), look);

  it.each([
    { width: 1280, colorScheme: 'light' },
    { width: 1280, colorScheme: 'dark' },
    { width: 390, colorScheme: 'light' },
  ] as const)(
    'draws every point at $width px, $colorScheme',
    async (look) => {
      const { page, complaints, external, overflow } = await open('sweep', makeEnvelope(), look);
      expect({ complaints, external, overflow }).toEqual({
        complaints: [],
        external: [],
        overflow: 0,
      });
      for (const id of ['curve-ttft', 'curve-tpot', 'curve-itl']) {
        expect(await page.locator(`#${id} path.point`).count(), id).toBe(4 * 2);
        expect(await page.locator(`#${id} path.line`).count(), id).toBe(2);
      }
      // Points of one percentile go right and, for this envelope, up.
      const places = await page
        .locator('#curve-ttft .series.s-p99 path.point')
        .evaluateAll((points: { getAttribute(name: string): string | null }[]) =>
          points.map((point) =>
            (point.getAttribute('transform')?.match(/[\d.]+/g) ?? []).map(Number),
          ),
        );
      const xs = places.map(([x]) => x as number);
      const ys = places.map(([, y]) => y as number);
      expect(xs).toEqual([...xs].sort((a, b) => a - b));
      expect(ys).toEqual([...ys].sort((a, b) => b - a));
      expect(await page.locator('#curve-ttft .limit text').textContent()).toContain('300 ms');
      expect(await page.locator('#ecdf-ttft path.ecdf').count()).toBe(4);
      const rows = await page.locator('#timeline-2 g.request').count();
      expect(rows).toBeGreaterThanOrEqual(20);
      expect(rows).toBeLessThanOrEqual(60);
      expect(await page.locator('#timeline-3 path.cross').count()).toBeGreaterThan(0);
      expect(await page.locator('figure svg[role=img] > title').count()).toBe(
        await page.locator('figure').count(),
      );
      const data = await page.locator('#envelope').textContent();
      expect(JSON.parse(data ?? '')).toEqual(makeEnvelope());
      await page.close();
    },
    60_000,
  );

  it.each(['light', 'dark'] as const)(
    'has no serious violation by axe, %s, with all its folds open',
    async (colorScheme) => {
      const { page, complaints } = await open('method', makeMethodEnvelope(), {
        ...{ width: 1280, colorScheme },
      });
      expect(complaints).toEqual([]);
      expect(await seriousViolations(page)).toEqual([]);
      await page.close();
    },
    120_000,
  );

  it('marks the knee, its bracket and the sustained run, and links verdicts to their evidence', async () => {
    const look = { width: 1280, colorScheme: 'light' } as const;
    const { page } = await open('knee', makeMethodEnvelope(), look);
    expect(await page.locator('#curve-ttft .knee tspan').allTextContents()).toEqual([
      'knee 3.87',
      '4 planned',
    ]);
    expect(await page.locator('#curve-ttft .knee rect').count()).toBe(1);
    // The two rates of the bracket are where the points of those levels are.
    const kneeX = Number(await page.locator('#curve-ttft .knee line').getAttribute('x1'));
    const points = await page
      .locator('#curve-ttft .series.s-p50 path.point')
      .evaluateAll((all: { getAttribute(name: string): string | null }[]) =>
        all.map((one) => Number(one.getAttribute('transform')?.match(/[\d.]+/)?.[0])),
      );
    expect(points.slice(0, 4).map((x, i) => [i, x])).toContainEqual([2, kneeX]);
    expect(await page.locator('#trace .s-good').count()).toBe(3);
    expect(await page.locator('#trace .miss').count()).toBe(1);
    const targets = await page
      .locator('.verdicts a, .bar nav a')
      .evaluateAll((links: { getAttribute(name: string): string | null }[]) =>
        links.map((link) => link.getAttribute('href')),
      );
    for (const target of targets) {
      expect(await page.locator(target ?? 'none').count(), String(target)).toBe(1);
    }
    await page.close();
  }, 60_000);

  it('switches the scheme at a press, and prints light without controls', async () => {
    const look = { width: 1280, colorScheme: 'dark' } as const;
    const { page } = await open('theme', makeMethodEnvelope(), look);
    const paper = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const dark = await paper();
    expect(await page.locator('.theme').textContent()).toBe('Light');
    await page.locator('.theme').press('Enter');
    expect(await paper()).toBe('rgb(255, 255, 255)');
    await page.locator('.theme').press('Enter');
    expect(await paper()).toBe(dark);
    await page.emulateMedia({ media: 'print' });
    expect(await paper()).toBe('rgb(255, 255, 255)');
    expect(await page.locator('.bar').isVisible()).toBe(false);
    // A4 within its margins: nothing runs out of the paper.
    await page.setViewportSize({ width: 688, height: 1000 });
    await page.screenshot({ path: '/tmp/report-theme-print.png', fullPage: true });
    expect(await overflowOf(page)).toBe(0);
    await page.close();
  }, 60_000);

  it('fits a narrow window with everything that a run can say', async () => {
    const look = { width: 390, colorScheme: 'light' } as const;
    const { page, complaints, overflow } = await open('method', makeMethodEnvelope(), look);
    expect({ complaints, overflow }).toEqual({ complaints: [], overflow: 0 });
    await page.evaluate(
      'for (const details of document.querySelectorAll("details")) details.open = true',
    );
    expect(await overflowOf(page)).toBe(0);
    await page.close();
  }, 60_000);

  it('shows points, not lines, for a single level', async () => {
    const look = { width: 1280, colorScheme: 'light' } as const;
    const { page, complaints } = await open('single', singleEnvelope(), look);
    expect(complaints).toEqual([]);
    expect(await page.locator('#curve-ttft path.point').count()).toBe(2);
    expect(await page.locator('#curve-ttft path.line').count()).toBe(0);
    expect(await page.locator('#curve-ttft path.whisker').count()).toBe(2);
    expect(await page.locator('.banner').textContent()).toContain('Quick look');
    await page.close();
  }, 60_000);

  it('runs nothing that a name smuggled in', async () => {
    const look = { width: 1280, colorScheme: 'dark' } as const;
    const { page, complaints, external } = await open('hostile', hostileEnvelope(), look);
    expect({ complaints, external }).toEqual({ complaints: [], external: [] });
    expect(await page.evaluate('window.pwned === undefined')).toBe(true);
    expect(await page.locator('h1').textContent()).toContain(hostile);
    await page.close();
  }, 60_000);
});
