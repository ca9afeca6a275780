import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { platform } from 'node:process';
import { afterAll, describe, expect, it } from 'vitest';
import { pathTrouble } from './path-trouble.ts';
import { readNamedFile } from './read-named-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'bench-named-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const told = (path: string) =>
  readNamedFile(path).then(
    (bytes) => bytes.toString(),
    (error: unknown) => pathTrouble(error, 'file'),
  );

it('reads a file, and says what else there is', async () => {
  writeFileSync(join(dir, 'text'), 'words');
  expect(await told(join(dir, 'text'))).toBe('words');
  expect(await told(dir)).toBe('it is a folder, not a file');
  expect(await told(join(dir, 'none'))).toBe('there is no such file');
});

describe.skipIf(platform === 'win32')('what may have no end', () => {
  it('is refused: a device', async () => {
    expect(await told('/dev/zero')).toBe('it is a device, not a file');
  });

  it('is refused: a pipe that nobody writes to', async () => {
    const pipe = join(dir, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(await told(pipe)).toBe('it is a pipe, not a file');
  });
});
