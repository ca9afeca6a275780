import { execFile } from 'node:child_process';
import {
  cpSync,
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

const root = resolve(import.meta.dirname, '..');

/** What each planted line must be reported as. */
const planted: [line: string, rule: string][] = [
  ['later();', 'typescript(no-floating-promises)'],
  ['[1].forEach(async () => { await later(); });', 'typescript(no-misused-promises)'],
  ['await 1;', 'typescript(await-thenable)'],
  ["export function fails() { throw 'text'; }", 'typescript(only-throw-error)'],
  ['export const pid = process.pid;', 'eslint(no-restricted-globals)'],
  ['export const now = performance.now();', 'eslint(no-restricted-globals)'],
  ["console.log('x');", 'eslint(no-restricted-globals)'],
  ['export const wall = Date.now();', 'eslint(no-restricted-properties)'],
  ['export const chance = Math.random();', 'eslint(no-restricted-properties)'],
  ['export const sly = globalThis.process;', 'eslint(no-restricted-properties)'],
  ["import * as p from 'node:process'; export { p };", 'eslint(no-restricted-imports)'],
  ['export default 1;', 'import(no-default-export)'],
];
/** Where the fence is open. */
const exempt: [path: string, line: string][] = [
  ['src/host/a.ts', 'export const a = [process.pid, performance.now(), Date.now()];'],
  ['src/cli/a.ts', 'export const a = process.argv;'],
  ['src/client/a.ts', 'export const a = performance.now();'],
  ['src/core/a.test.ts', 'export const a = [process.pid, Date.now(), Math.random()];'],
  ['src/core/iso.ts', 'export const iso = (ms: number) => new Date(ms).toISOString();'],
  ['tools/a.ts', "console.log('x');"],
];

describe('the linter', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bench-lint-'));
  let reported: Map<string, string[]>;

  beforeAll(async () => {
    const write = (path: string, text: string) => {
      mkdirSync(join(dir, path, '..'), { recursive: true });
      writeFileSync(join(dir, path), `${text}\n`);
    };
    for (const file of ['.oxlintrc.json', 'tsconfig.json', 'package.json']) {
      cpSync(join(root, file), join(dir, file));
    }
    symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
    for (const [index, [line]] of planted.entries()) {
      write(`src/core/bad-${index}.ts`, `export async function later(): Promise<void> {}\n${line}`);
    }
    for (const [path, line] of exempt) write(path, line);
    reported = await lint(dir);
  }, 60_000);
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test.each(planted.map(([line, rule], index) => ({ line, rule, index })))(
    'reports `$line` as $rule',
    ({ rule, index }) => {
      expect(reported.get(`src/core/bad-${index}.ts`)).toContain(rule);
    },
  );

  test.each(exempt.map(([path, line]) => ({ path, line })))(
    'accepts `$line` in $path',
    ({ path }) => {
      expect(reported.get(path) ?? []).toEqual([]);
    },
  );
});

// The linter cannot tell `new Date()` from `new Date(value)`, which only formats.
test('no source asks the wall clock through new Date()', () => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$|^(host|cli)\//.test(path),
  );
  expect(files.length).toBeGreaterThan(10);
  const asking = files.filter((path) =>
    /\bnew Date\(\s*\)/.test(readFileSync(join(root, 'src', path), 'utf8')),
  );
  expect(asking).toEqual([]);
});

/** Rule names by file. */
function lint(cwd: string): Promise<Map<string, string[]>> {
  return new Promise((settle, reject) => {
    execFile(
      process.execPath,
      [join(root, 'node_modules/oxlint/bin/oxlint'), '--format', 'json', 'src', 'tools'],
      { cwd, maxBuffer: 1 << 26 },
      (error, stdout) => {
        if (stdout === '') return reject(error ?? new Error('oxlint printed nothing'));
        const byFile = new Map<string, string[]>();
        for (const { filename, code } of JSON.parse(stdout).diagnostics) {
          byFile.set(filename, [...(byFile.get(filename) ?? []), code]);
        }
        settle(byFile);
      },
    );
  });
}
