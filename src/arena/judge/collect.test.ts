import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashSubmission } from '../trial/commitment.ts';
import { collectSubmission, NotCollected } from './collect.ts';

function folder(files: Record<string, string>): string {
  const dir = mkdtempSync(join(tmpdir(), 'bench-collect-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text, { mode: 0o755 });
  }
  return dir;
}

const into = () => join(mkdtempSync(join(tmpdir(), 'bench-into-')), 'files');
const declare = (...files: unknown[]) => JSON.stringify({ files });

describe('what is collected of a submission', () => {
  it('is the launcher alone, unless more is declared', async () => {
    const dir = folder({ 'start_server.sh': 'exit 0\n', 'secret.txt': 'x' });
    const { files } = await collectSubmission(dir, into());
    expect(files.map(({ path }) => path)).toEqual(['start_server.sh']);
  });

  it('is what submission.json names, folders with everything in them, copied and hashed', async () => {
    const dir = folder({
      'submission.json': declare('start_server.sh', 'kernels', './start_server.sh'),
      'start_server.sh': 'exit 0\n',
      'kernels/a.cu': 'a',
      'kernels/deep/b.cu': 'b',
      'notes.md': 'n',
    });
    const target = into();
    const collected = await collectSubmission(dir, target);
    expect(collected.files.map(({ path, bytes }) => [path, bytes])).toEqual([
      ['kernels/a.cu', 1],
      ['kernels/deep/b.cu', 1],
      ['start_server.sh', 7],
    ]);
    expect(collected.sha256).toBe(hashSubmission(collected.files));
    expect(readFileSync(join(target, 'kernels/deep/b.cu'), 'utf8')).toBe('b');
  });

  it('is 4 GiB at most, all together, and is not copied where it is more', async () => {
    const files = { 'start_server.sh': '', a: '', b: '' };
    const dir = folder({ ...files, 'submission.json': declare('start_server.sh', 'a', 'b') });
    // Holes: they take no space.
    for (const name of ['a', 'b']) truncateSync(join(dir, name), 2 * 1024 ** 3 + 1);
    const target = into();
    mkdirSync(target);
    await expect(collectSubmission(dir, target)).rejects.toThrow(/4 GiB/);
    expect(readdirSync(target)).toEqual([]);
  });

  it('keeps what may be executed', async () => {
    const target = into();
    await collectSubmission(folder({ 'start_server.sh': '#!/bin/sh\n' }), target);
    expect(statSync(join(target, 'start_server.sh')).mode & 0o777).toBe(0o755);
  });

  it('follows links inside of the folder, and none that lead out of it', async () => {
    const dir = folder({ 'real.sh': 'exit 0\n' });
    symlinkSync('real.sh', join(dir, 'start_server.sh'));
    expect((await collectSubmission(dir, into())).files[0]?.bytes).toBe(7);
    const outside = folder({ 'gold.json': '{}' });
    const sly = folder({
      'start_server.sh': '',
      'submission.json': declare('start_server.sh', 'g'),
    });
    symlinkSync(join(outside, 'gold.json'), join(sly, 'g'));
    await expect(collectSubmission(sly, into())).rejects.toThrow(/g is a link .* outside/);
    const folderLink = folder({
      'start_server.sh': '',
      'submission.json': declare('start_server.sh', 'd/gold.json'),
    });
    symlinkSync(outside, join(folderLink, 'd'));
    await expect(collectSubmission(folderLink, into())).rejects.toThrow(/outside/);
  });

  it('takes the launcher along, declared or not', async () => {
    const files = { 'start_server.sh': '#!/bin/sh', a: '', 'submission.json': declare('a') };
    const collected = await collectSubmission(folder(files), into());
    expect(collected.files.map(({ path }) => path)).toEqual(['a', 'start_server.sh']);
  });

  const refused: [string, Record<string, string>, RegExp][] = [
    ['no launcher', { 'readme.md': '' }, /start_server.sh is not there/],
    [
      'files without a launcher',
      { a: '', 'submission.json': declare('a') },
      /start_server.sh is not there/,
    ],
    [
      'a file that is not there',
      { 'start_server.sh': '', 'submission.json': declare('b') },
      /"b" is not there/,
    ],
    [
      'a file elsewhere',
      { 'start_server.sh': '', 'submission.json': declare('start_server.sh', '../x') },
      /outside/,
    ],
    [
      'an absolute path',
      { 'start_server.sh': '', 'submission.json': declare('start_server.sh', '/etc/hostname') },
      /outside/,
    ],
    [
      'names that are none',
      { 'start_server.sh': '', 'submission.json': declare(7) },
      /no list of names/,
    ],
    ['what is not JSON', { 'start_server.sh': '', 'submission.json': '{' }, /not JSON/],
  ];
  it.each(refused)('refuses %s', async (_, files, message) => {
    const work = collectSubmission(folder(files), into());
    await expect(work).rejects.toThrow(message);
    await expect(work).rejects.toBeInstanceOf(NotCollected);
  });

  it('refuses a folder that is not there', async () => {
    await expect(collectSubmission('/nowhere/at/all', into())).rejects.toBeInstanceOf(NotCollected);
  });
});
