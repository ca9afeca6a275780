import { expect, it } from 'vitest';
import { describeInChromium, overflowOf, seriousViolations } from '../html/browser.fixture.ts';
import { makeComparison } from './comparison.fixture.ts';
import { renderCompareHtml } from './index.ts';

const html = renderCompareHtml(
  makeComparison({
    mismatches: [
      { field: 'engine version', a: 'b6000', b: 'b7000', allowed: true },
      {
        field: 'engine settings',
        a: '-t 1 --ctx-size 2048',
        b: '-t 2 --ctx-size 2048',
        allowed: true,
      },
    ],
  }),
);

describeInChromium('the page of a comparison', (open) => {
  it.each([
    { width: 1280, colorScheme: 'light' },
    { width: 1280, colorScheme: 'dark' },
    { width: 390, colorScheme: 'light' },
  ] as const)(
    'fits, complains of nothing and asks for nothing at $width px, $colorScheme',
    async (look) => {
      const { page, complaints, external, overflow } = await open('comparison', html, look);
      expect({ complaints, external, overflow }).toEqual({
        ...{ complaints: [], external: [], overflow: 0 },
      });
      // Three metrics, seven valid blocks.
      expect(await page.locator('#ratios .dot').count()).toBe(21);
      // No name runs out of the drawing, and none into the dots below it.
      const rows = await page.evaluate<Record<'left' | 'right' | 'gap', number>[]>(`(() => {
        const box = (node) => node.getBoundingClientRect();
        const svg = box(document.querySelector('#ratios svg'));
        return [...document.querySelectorAll('#ratios .ratio')].map((row) => {
          const name = box(row.querySelector('.name'));
          const dots = [...row.querySelectorAll('.dot')].map((dot) => box(dot).top);
          return {
            left: name.left - svg.left,
            right: svg.right - name.right,
            gap: Math.min(...dots) - name.bottom,
          };
        });
      })()`);
      expect(rows).toHaveLength(3);
      for (const { left, right, gap } of rows) {
        expect(Math.min(left, right, gap)).toBeGreaterThanOrEqual(0);
      }
      expect(await seriousViolations(page)).toEqual([]);
      await page.close();
    },
    60_000,
  );

  it('prints light, without controls, within the paper', async () => {
    const { page } = await open('comparison-print', html, { width: 1280, colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize({ width: 688, height: 1000 });
    await page.screenshot({ path: '/tmp/report-comparison-print.png', fullPage: true });
    expect(await overflowOf(page)).toBe(0);
    expect(await page.locator('div.bar').isVisible()).toBe(false);
    const paper = 'getComputedStyle(document.body).backgroundColor';
    expect(await page.evaluate(paper)).toBe('rgb(255, 255, 255)');
    await page.close();
  }, 60_000);
});
