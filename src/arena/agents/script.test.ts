import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { scriptAgent } from './script.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bench-script-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const place = (text: string) => {
  writeFileSync(join(root, 'agent.sh'), text);
  return scriptAgent('agent.sh', root);
};

it.each([
  ['without #!', 'echo\n', /does not begin with #!/],
  ['of a program that is not there', '#!/no/such/python3 -u\n', /names "\/no\/such\/python3"/],
  ['of a file that is no program', '#!/etc/passwd\n', /names "\/etc\/passwd"/],
  ['with nothing behind #!', '#!\necho\n', /names ""/],
  ['with the line ends of Windows', '#!/bin/sh\r\necho\r\n', /carriage return/],
])('refuses a script %s before anything runs', async (_, text, message) => {
  await expect(place(text)).rejects.toMatchObject({
    ...{ code: 'USAGE_ARENA_AGENT', exitCode: 2 },
    message: expect.stringMatching(message),
  });
});

it('refuses no path at all', async () => {
  await expect(scriptAgent('', root)).rejects.toThrow('--agent script:: it names no file.');
});

it.each(['#!/bin/sh', '#! /bin/sh -e\n', '#!/usr/bin/env no-such-one\n'])(
  'takes "%s", and runs a whole copy of it',
  async (text) => {
    const agent = await place(text);
    await agent.prepare({ folder: root, inside: '/agent' } as Parameters<typeof agent.prepare>[0]);
    const copy = join(root, 'agent.sh');
    expect(readFileSync(copy, 'utf8')).toBe(text);
    expect(statSync(copy).mode & 0o777).toBe(0o755);
  },
);
