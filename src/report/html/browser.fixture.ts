import { existsSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';

const chromiumPath = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

export interface Look {
  width: number;
  colorScheme: 'light' | 'dark';
}

export interface OpenedPage {
  page: Page;
  /** What it wrote to the console, and what it threw. */
  complaints: string[];
  /** Addresses that it asked for beside its own. */
  external: string[];
  /** Pixels that it is wider than the window. */
  overflow: number;
}

/** Opens a page as a browser does; the file and its picture stay as `/tmp/report-NAME-...`. */
export type OpenPage = (name: string, html: string, look: Look) => Promise<OpenedPage>;

/** Tests of a page in Chromium, skipped where there is none. */
export function describeInChromium(title: string, tests: (open: OpenPage) => void): void {
  const why = ' (skipped: no Chromium found; install it or set CHROMIUM_PATH)';
  describe.skipIf(chromiumPath === undefined)(
    `${title} in Chromium${chromiumPath === undefined ? why : ''}`,
    () => {
      let browser: Browser;
      beforeAll(async () => {
        browser = await chromium.launch({
          executablePath: chromiumPath as string,
          args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
        });
      }, 60_000);
      afterAll(() => browser?.close());
      tests((name, html, look) => openPage(browser, name, html, look));
    },
  );
}

async function openPage(
  browser: Browser,
  name: string,
  html: string,
  { width, colorScheme }: Look,
): Promise<OpenedPage> {
  const file = `/tmp/report-${name}-${colorScheme}-${width}`;
  writeFileSync(`${file}.html`, html);
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => requests.push(request.url()));
  const url = pathToFileURL(`${file}.html`).href;
  await page.goto(url);
  await page.screenshot({ path: `${file}.png`, fullPage: true });
  const external = requests.filter((address) => address !== url && !address.startsWith('data:'));
  return { page, complaints, external, overflow: await overflowOf(page) };
}

/** Pixels that the page is wider than the window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
}

/** What axe finds serious or critical, with all folds open. */
export async function seriousViolations(page: Page): Promise<unknown[]> {
  await page.evaluate(
    'for (const details of document.querySelectorAll("details")) details.open = true',
  );
  await page.evaluate(axe.source);
  const violations = await page.evaluate<{ id: string; impact: string; nodes: unknown[] }[]>(
    `axe.run({ resultTypes: ['violations'] }).then(({ violations }) =>
      violations.map(({ id, impact, nodes }) => ({
        id, impact, nodes: nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)),
      })))`,
  );
  return violations.filter(({ impact }) => /serious|critical/.test(impact));
}
