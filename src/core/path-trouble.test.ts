import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { pathTrouble } from './path-trouble.ts';

const dir = mkdtempSync(join(tmpdir(), 'bench-path-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
writeFileSync(join(dir, 'text'), 'words');

const thrownBy = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('it threw nothing');
};

it.each([
  ['what is not there', () => readFileSync(join(dir, 'none')), 'there is no such file'],
  ['a folder', () => readFileSync(dir), 'it is a folder, not a file'],
  [
    'a path through a file',
    () => readFileSync(join(dir, 'text', 'below')),
    'a part of its path is a file, not a folder',
  ],
  ['other text', () => JSON.parse(readFileSync(join(dir, 'text'), 'utf8')), /^it is not JSON \(/],
])('says what is wrong with %s', (_, work, words) => {
  const told = pathTrouble(thrownBy(work), 'file');
  expect(told).toMatch(words);
  expect(told).not.toMatch(/^E[A-Z]+/);
});

it('calls a folder by its name', () => {
  const error = thrownBy(() => readFileSync(join(dir, 'none')));
  expect(pathTrouble(error, 'folder')).toBe('there is no such folder');
});
