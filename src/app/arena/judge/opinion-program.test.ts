import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OpinionQuestion } from '../../../arena/index.ts';
import { findOpinion } from './opinion-program.ts';

const question: OpinionQuestion = {
  ...{ schema: 'inferencebench.opinion.v1', task: 'look', fence: '---' },
  ...{ checks: [], files: [], processes: '', answers: [] },
};
const cwd = mkdtempSync(join(tmpdir(), 'bench-opinion-'));
const place = { cwd, env: { PATH: process.env['PATH'] } };

function program(name: string, body: string, mode = 0o755): string {
  writeFileSync(join(cwd, name), `#!/bin/sh\n${body}\n`, { mode });
  return name;
}

describe('a program as second opinion', () => {
  it('reads the question and is heard', async () => {
    const ask = await findOpinion(program('echo.sh', 'cat'), place);
    expect(JSON.parse((await ask?.(question)) ?? '')).toEqual(question);
  });

  it('may reply without having read', async () => {
    const ask = await findOpinion(program('deaf.sh', 'exec <&-; echo "{}"'), place);
    const long = { ...question, processes: 'x'.repeat(1 << 20) };
    expect(await ask?.(long)).toBe('{}\n');
  });

  it('that fails says why', async () => {
    const ask = await findOpinion(program('bad.sh', 'echo no key >&2; exit 3'), place);
    await expect(ask?.(question)).rejects.toThrow('bad.sh: exit code 3: no key');
  });

  it('that does not stop talking is ended', async () => {
    const ask = await findOpinion(program('talk.sh', 'exec yes'), place);
    await expect(ask?.(question)).rejects.toThrow(/SIGKILL/);
  });

  it('is none where none was named', async () => {
    expect(await findOpinion(null, place)).toBeNull();
  });

  it.each([
    ['missing.sh', 'is not there'],
    ['.', 'is a folder'],
    [program('plain.txt', 'cat', 0o644), 'cannot be run'],
  ])('%s %s: said before anything starts', async (path) => {
    await expect(findOpinion(path, place)).rejects.toMatchObject({ code: 'USAGE_BAD_VALUE' });
  });
});
