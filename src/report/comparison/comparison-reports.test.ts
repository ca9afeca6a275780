import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readComparison, writeComparison } from '../../results/index.ts';
import { makeComparison } from './comparison.fixture.ts';
import { renderCompareHtml, renderComparison, renderComparisonMarkdown } from './index.ts';
import { changeText, headlineText, pText } from './words.ts';

const plain = { columns: 100, color: false };

describe('words', () => {
  it.each([
    [1.123, '+12.3 %'],
    [0.5, '−50 %'],
    [1, '0 %'],
    [1.00001, '+0.001 %'],
    [null, '—'],
  ])('a ratio of %d is a change of %s', (ratio, text) => expect(changeText(ratio)).toBe(text));

  it('never prints a p-value of zero', () => {
    expect([pText(0), pText(0.00049), pText(0.0312), pText(null)]).toEqual([
      ...['< 0.001', '< 0.001', '0.031', '—'],
    ]);
  });

  it('names a winner only where there is one', () => {
    expect(headlineText(makeComparison())).toBe(
      'B is better in Time to first token p50; equivalent in Time per output token p50; no detectable difference in Output throughput.',
    );
  });
});

describe('terminal', () => {
  const text = renderComparison(makeComparison(), plain);

  it('gives every verdict with its figures', () => {
    expect(text).toMatch(/Time to first token p50: B is better: B −3\d/);
    expect(text).toMatch(/Time per output token p50: equivalent: within ±5 %/);
    expect(text).toMatch(/Output throughput: no detectable difference .*would be/);
    expect(text).toMatch(/^ttft_p50_ms +2\d\d ms +1\d\d ms +−3\d/m);
    expect(text).toMatch(/^e2e_p50_ms .* no test/m);
    expect(text).toMatch(/Gate: no regression beyond 5 % shown/);
    expect(text).toMatch(/n_ubatch=512 \(bigger batch\)[\s\S]*TTFT +worse +better/);
    expect(text).toMatch(/blocks-left-out/);
    expect(text).not.toMatch(/NaN|undefined|null/);
  });

  it('shows what is missing as missing', () => {
    const results = makeComparison().results.map((row) => ({
      ...row,
      ...{ a: null, b: null, ratio: null, low: null, high: null, p: null, pHolm: null },
      ...{ detectableShare: null, noiseFloor: null, verdict: 'not-measured' as const },
    }));
    const bare = renderComparison(makeComparison({ results, gate: null, toggle: null }), plain);
    expect(bare).toMatch(/not measured/);
    expect(bare).not.toMatch(/NaN|undefined|null|Infinity/);
  });
});

describe('Markdown', () => {
  it('is one table of the metrics named before, text from outside stays text', () => {
    const sides = makeComparison().sides.map((side) => ({ ...side, describe: '<b>|x' }));
    const text = renderComparisonMarkdown(makeComparison({ sides: sides as never }));
    expect(text).toMatch(/^## B is better in/);
    expect(text.split('\n').filter((line) => /^\| `\w+` \|/.test(line))).toHaveLength(3);
    expect(text).toContain('- A: &lt;b>\\|x');
  });
});

describe('HTML', () => {
  const html = renderCompareHtml(makeComparison());

  it('is one file that asks for nothing', () => {
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toContain("default-src 'none'");
    expect(html.match(/(?:src|href)="(?!data:|#)[^"]*"/g)).toBeNull();
    expect(html.length).toBeLessThan(100_000);
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('draws a row per metric, and says it in words', () => {
    expect(html.match(/class="ratio /g)).toHaveLength(3);
    expect(html.match(/class="floor"/g)).toHaveLength(3);
    expect(html).toMatch(/<desc[^>]*>Time to first token p50: B is better/);
    // Seven valid blocks of three metrics.
    expect(html.match(/class="dot"/g)).toHaveLength(21);
  });

  it('holds its data, and lets nobody out of the script element', () => {
    const evil = makeComparison({ load: '</script><script>alert(1)</script>' });
    const page = renderCompareHtml(evil);
    const [, json = ''] = /id="comparison">(.*?)<\/script>/s.exec(page) ?? [];
    expect(JSON.parse(json)).toEqual(evil);
    expect(page).not.toContain('<script>alert');
  });
});

describe('comparison.json', () => {
  const schemaUrl = new URL('../../../schemas/comparison.v1.schema.json', import.meta.url);
  const accepts = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(
    JSON.parse(readFileSync(schemaUrl, 'utf8')) as object,
  );

  it('comes back as it was written, and is what the published schema says', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'bench-comparison-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    await writeComparison(dir, makeComparison());
    const stored: unknown = JSON.parse(readFileSync(join(dir, 'comparison.json'), 'utf8'));
    accepts(stored);
    expect(accepts.errors).toBeNull();
    expect(await readComparison(dir)).toEqual(makeComparison());
    expect(accepts({ ...makeComparison(), design: 'else' })).toBe(false);
    await writeComparison(dir, { ...makeComparison(), blocks: 3 } as never);
    await expect(readComparison(dir)).rejects.toMatchObject({ code: 'RESULT_CORRUPT' });
    await expect(readComparison(join(dir, 'no'))).rejects.toMatchObject({
      code: 'RESULT_NOT_FOUND',
    });
  });
});
