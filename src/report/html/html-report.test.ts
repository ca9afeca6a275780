import { existsSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Envelope } from '../../model/index.ts';
import {
  makeEnvelope,
  makeLevelMetrics,
  makeLevelRuns,
  makeLevelSummary,
  makeLoad,
} from '../test-support.ts';
import { renderHtml } from './html-report.ts';

const hostile =
  '</script><script>window.pwned=1</script><img src=http://evil.example/x onerror=pwned=1>';

function hostileEnvelope(): Envelope {
  const base = makeEnvelope();
  return {
    ...base,
    model: { ...base.model, asked: hostile, served: hostile, quant: hostile },
    engine: { ...base.engine, version: hostile, commandLine: [hostile], settings: { x: hostile } },
    command: { argv: [hostile], resolved: { x: hostile } },
    findings: [{ code: 'x', severity: 'warning', message: hostile }],
  };
}

function wideEnvelope(levels: number): Envelope {
  return makeEnvelope({
    levels: Array.from({ length: levels }, (_, index) =>
      makeLevelSummary({
        index,
        load: makeLoad({ rateRps: 1 + index }),
        metrics: makeLevelMetrics({ ttftMs: 90 + 10 * index, itlMs: 15 + index, rps: 1 + index }),
      }),
    ),
    headline: 3,
  });
}

function singleEnvelope(): Envelope {
  const base = makeEnvelope({ quickLook: true, slo: null, headline: 0, findings: [] });
  const levels = base.levels.slice(0, 1);
  return { ...base, levels, metrics: (levels[0] as (typeof levels)[number]).metrics };
}

describe('the page as text', () => {
  it('holds no address to fetch from', () => {
    const html = renderHtml({ envelope: makeEnvelope(), levels: [] });
    expect(html).not.toMatch(/(?:src|href)="(?!#|data:)/);
    expect(html).not.toMatch(/@import|url\(/);
  });

  it('keeps names from becoming markup', () => {
    const html = renderHtml({ envelope: hostileEnvelope(), levels: [] });
    expect(html).not.toContain('<img');
    expect(html.match(/<script/g)).toHaveLength(2);
  });

  it('stays under 1.5 MB for a wide sweep of many requests', () => {
    const envelope = wideEnvelope(24);
    const html = renderHtml({ envelope, levels: makeLevelRuns(envelope, 1000) });
    expect(html).toContain('The first 80 of 1000 requests.');
    expect(Buffer.byteLength(html)).toBeLessThan(1_500_000);
  });

  it('says that records are missing', () => {
    const html = renderHtml({ envelope: makeEnvelope(), levels: [] });
    expect(html).toContain('The request records are not beside this result');
    expect(html).not.toContain('id="timeline-heading"');
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
      envelope: Envelope,
      look: { width: number; colorScheme: 'light' | 'dark' },
    ) => {
      const file = `/tmp/report-${name}-${look.colorScheme}-${look.width}`;
      writeFileSync(`${file}.html`, renderHtml({ envelope, levels: makeLevelRuns(envelope) }));
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
      const external = requests.filter(
        (address) => address !== url && !address.startsWith('data:'),
      );
      const overflow = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      return { page, complaints, external, overflow };
    };

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
          expect(await page.locator(`#${id} path.point`).count(), id).toBe(4 * 3);
          expect(await page.locator(`#${id} path.line`).count(), id).toBe(3);
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
        expect(await page.locator('#timeline-2 g.request').count()).toBe(60);
        expect(await page.locator('#timeline-3 path.cross').count()).toBe(3);
        expect(await page.locator('figure svg[role=img] > title').count()).toBe(
          await page.locator('figure').count(),
        );
        const data = await page.locator('#envelope').textContent();
        expect(JSON.parse(data ?? '')).toEqual(makeEnvelope());
        await page.close();
      },
      60_000,
    );

    it('shows points, not lines, for a single level', async () => {
      const look = { width: 1280, colorScheme: 'light' } as const;
      const { page, complaints } = await open('single', singleEnvelope(), look);
      expect(complaints).toEqual([]);
      expect(await page.locator('#curve-ttft path.point').count()).toBe(3);
      expect(await page.locator('#curve-ttft path.line').count()).toBe(0);
      expect(await page.locator('#curve-ttft path.whisker').count()).toBe(3);
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
  },
);
