import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderErrors } from '../tools/docs-errors.ts';
import { scanErrors } from '../tools/scan-errors.ts';

const root = resolve(import.meta.dirname, '..');

describe('documents', () => {
  const pages = [
    'AGENTS.md',
    'CONTRIBUTING.md',
    ...readdirSync(join(root, 'docs/design')).map((name) => `docs/design/${name}`),
  ];

  test.each(pages)('%s names only files that exist', (page) => {
    const text = readFileSync(join(root, page), 'utf8');
    const named = [...text.matchAll(/(?<![\w/.-])(?:src|test|tools|docs)\/[\w./-]*\w\/?/g)].map(
      ([path]) => path,
    );
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test.each(pages)('%s links only to files that exist', (page) => {
    const text = readFileSync(join(root, page), 'utf8');
    const links = [...text.matchAll(/\]\((?!\w+:|#)([^)#]+)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(join(root, page, '..', link)))).toEqual([]);
  });
});

describe('the scan for error codes', () => {
  test('finds codes with their message and hint, made up ones too, and skips comparisons', () => {
    const text = `
      throw new BenchError('USAGE_RATE', \`Rate \${spec.rate} is \${a + b}.\`, { hint: 'Give' + ' more.' });
      if (error.code === 'TARGET_REFUSED') fail('ENGINE_LATE', message);
      throw new BenchError(\`USAGE_UNKNOWN_\${kind}\`, 'Unknown.');
      const codes = { down: 'TARGET_DOWN', other: 'Target_no' };`;
    expect(scanErrors('a.ts', text)).toEqual([
      { code: 'USAGE_RATE', message: 'Rate <rate> is <…>.', hint: 'Give more.' },
      { code: 'ENGINE_LATE', message: null, hint: null },
      { code: 'USAGE_UNKNOWN_<kind>', message: 'Unknown.', hint: null },
      { code: 'TARGET_DOWN', message: null, hint: null },
    ]);
  });

  test('misses no code that the source throws', () => {
    const page = renderErrors(root);
    const thrown = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$|^(sim|testing)\//.test(path))
      .flatMap((path) => [
        ...readFileSync(join(root, 'src', path), 'utf8').matchAll(
          /new BenchError\(\s*'([A-Z0-9_]+)'/g,
        ),
      ])
      .map(([, code]) => code);
    expect(thrown.length).toBeGreaterThan(5);
    expect(thrown.filter((code) => !page.includes(`| \`${code}\` |`))).toEqual([]);
  });
});
