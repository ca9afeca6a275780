import { execFile } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import table from '../tools/boundaries.json' with { type: 'json' };

const root = resolve(import.meta.dirname, '..');
const modules = Object.keys(table);
const mayImport = (from: string, to: string): boolean => {
  const { imports } = table[from as keyof typeof table];
  if (imports === 'all') return to !== 'public';
  return (imports as readonly string[]).includes(to);
};

interface Violation {
  from: string;
  to: string;
  rule: { name: string };
}

interface Cruise {
  violations: Violation[];
  modulesCruised: number;
}

/** Runs the real rule file over `dir/src`. */
function cruise(dir: string): Promise<Cruise> {
  const bin = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const config = join(root, '.dependency-cruiser.cjs');
  return new Promise((settle, reject) => {
    execFile(
      process.execPath,
      [bin, 'src', '--config', config, '--output-type', 'json'],
      { cwd: dir, maxBuffer: 1 << 28 },
      (error, stdout) => {
        if (stdout === '') return reject(error ?? new Error('dependency-cruiser printed nothing'));
        const { summary, modules: found } = JSON.parse(stdout);
        const inSource = found.filter(({ source }: { source: string }) =>
          source.startsWith('src/'),
        );
        settle({ violations: summary.violations, modulesCruised: inSource.length });
      },
    );
  });
}

describe('the source', () => {
  test('finds files of the package from its root: the build moves modules', () => {
    const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
    const own = files.filter(
      (file) => /\.tsx?$/.test(file) && !/\.(test|fixture)\.|test-support/.test(file),
    );
    const relative = own.filter((file) =>
      /new URL\(\s*[`'"]\.{1,2}\/[^)]*import\.meta/.test(
        readFileSync(join(root, 'src', file), 'utf8'),
      ),
    );
    expect(own.length).toBeGreaterThan(400);
    expect(relative, 'use packageFile() or entryPoint() of src/core').toEqual([]);
  });

  test('keeps the import direction, the doors and no cycles', { timeout: 60_000 }, async () => {
    const { violations, modulesCruised } = await cruise(root);
    expect(violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
    // A cruise that sees nothing is green too.
    expect(modulesCruised).toBeGreaterThan(2 * modules.length);
  });

  test('has no module outside the table, and each has its door', () => {
    for (const folder of readdirSync(join(root, 'src'))) {
      const files = readdirSync(join(root, 'src', folder));
      if (files.length === 0) continue;
      expect(modules).toContain(folder);
      expect(files, folder).toContain(folder === 'cli' ? 'bin.ts' : 'index.ts');
    }
  });

  test('is ordered: a module imports only modules named above it', () => {
    for (const [at, name] of modules.entries()) {
      const { imports } = table[name as keyof typeof table];
      if (imports === 'all') continue;
      for (const other of imports)
        expect(modules.indexOf(other), `${name}: ${other}`).toBeLessThan(at);
    }
  });
});

describe('the canary', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bench-boundaries-'));
  let found: Cruise;
  const write = (path: string, text: string) => writeFileSync(join(dir, path), text);
  const pairs = modules.flatMap((from) =>
    modules.filter((to) => to !== from).map((to) => ({ from, to })),
  );

  // A tree of the same layout in which every module imports every other one.
  beforeAll(async () => {
    for (const name of modules) {
      mkdirSync(join(dir, 'src', name), { recursive: true });
      write(`src/${name}/index.ts`, `export type { Inner } from './inner.ts';\n`);
      write(`src/${name}/inner.ts`, `export interface Inner { of: '${name}' }\n`);
    }
    for (const { from, to } of pairs) {
      const text = `import type { Inner } from '../${to}/index.ts';\nexport type Use = Inner;\n`;
      write(`src/${from}/uses-${to}.ts`, text);
    }
    const plant = (path: string, line: string) => write(path, `${line}\nexport {};\n`);
    plant('src/app/through-the-wall.ts', `import type {} from '../core/inner.ts';`);
    plant('src/stats/wall.test.ts', `import type {} from '../core/inner.ts';`);
    plant('src/stats/fine.test.ts', `import type {} from '../app/index.ts';`);
    plant('src/stats/own.test.ts', `import type {} from './inner.ts';`);
    plant('src/core/ring-a.ts', `import type {} from './ring-b.ts';`);
    plant('src/core/ring-b.ts', `import type {} from './ring-a.ts';`);
    plant('src/core/tested.ts', `import type {} from './tested.test.ts';`);
    plant('src/core/tested.test.ts', '');
    plant('src/core/dev.ts', `import { test } from 'vitest';\ntest;`);
    plant('src/core/lost.ts', `import {} from './nowhere.ts';`);
    symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
    write('package.json', JSON.stringify({ type: 'module', devDependencies: { vitest: '*' } }));
    found = await cruise(dir);
  }, 60_000);
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const reported = (rule: string) =>
    found.violations.filter((violation) => violation.rule.name === rule).map(({ from }) => from);

  test('every import against the direction is reported, none of the permitted ones', () => {
    const wrong = pairs.filter(({ from, to }) => !mayImport(from, to));
    expect(wrong.length).toBeGreaterThan(150);
    const byDirection = found.violations
      .filter(({ rule }) => rule.name.startsWith('direction-'))
      .map(({ from, to }) => `${from} ${to}`);
    expect(byDirection.toSorted()).toEqual(
      wrong.map(({ from, to }) => `src/${from}/uses-${to}.ts src/${to}/index.ts`).toSorted(),
    );
  });

  test('every other rule fires on its planted import, and only there', () => {
    expect(reported('door').toSorted()).toEqual([
      'src/app/through-the-wall.ts',
      'src/stats/wall.test.ts',
    ]);
    expect(reported('no-cycle')).toEqual(['src/core/ring-a.ts']);
    expect(reported('source-stands-alone')).toEqual(['src/core/tested.ts']);
    expect(reported('no-dev-dependency')).toEqual(['src/core/dev.ts']);
    expect(reported('resolvable')).toEqual(['src/core/lost.ts']);
  });
});
