import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identifyProcess, isProcessAlive } from './process-identity.ts';
import { commandFailure, runCommand } from './run-command.ts';
import type { TestContext } from './test-support.ts';
import { createTestContext, eventually, spawnScript, writeProgram } from './test-support.ts';

let ctx: TestContext;
beforeEach(() => {
  ctx = createTestContext();
});
afterEach(() => ctx.cleanUp());

const program = (text: string) => writeProgram(ctx.folder, 'program', `#!/bin/sh\n${text}\n`);
/** An install that starts another program and waits for it; both write their numbers. */
const install = () =>
  program(
    `sleep 1003 & echo "$! $$" > ${ctx.folder}/new; mv ${ctx.folder}/new ${ctx.folder}/pids; wait`,
  );
const pids = () => readFileSync(join(ctx.folder, 'pids'), 'utf8').trim().split(' ').map(Number);
const isUp = () => existsSync(join(ctx.folder, 'pids'));

it('ends a command at its time limit with the children that hold its output', async () => {
  const command = [program('sleep 1005 & echo $! > "$1"; wait'), join(ctx.folder, 'child')];
  const result = await runCommand(ctx, command, { timeoutMs: 500 });
  expect(result).toMatchObject({ code: null, problem: 'no end after 0.5 s' });
  const child = Number(readFileSync(join(ctx.folder, 'child'), 'utf8'));
  await eventually(() => !isProcessAlive(identifyProcess(child)));
});

describe.each([
  ['with a time limit', { timeoutMs: 60_000 }],
  ['tied to this process', {}],
])('runCommand, %s', (_, limit) => {
  it('tells output, lines and exit code', async () => {
    const lines: string[] = [];
    const command = [program('echo one; echo two; echo "ERROR: three" >&2; exit 3'), 'x'];
    const result = await runCommand(ctx, command, { ...limit, onLine: (line) => lines.push(line) });
    expect(result).toEqual({
      code: 3,
      stdout: 'one\ntwo\n',
      stderr: 'ERROR: three\n',
      problem: null,
    });
    expect(lines).toEqual(['one', 'two']);
    expect(commandFailure(result)).toBe('ERROR: three');
  });

  it('passes arguments, environment and folder on as they are', async () => {
    const command = [program('printf "%s|" "$@" "$OWN" "$(pwd)"'), 'a b', '', "it's"];
    const { stdout } = await runCommand(ctx, command, { ...limit, env: { OWN: '1' }, cwd: '/' });
    expect(stdout).toBe("a b||it's|1|/|");
  });

  it('says what cannot be run', async () => {
    const result = await runCommand(ctx, ['no-such-program'], limit);
    expect(result.code === null || result.code === 127).toBe(true);
    expect(commandFailure(result)).toMatch(/no-such-program/);
  });

  it('ends it when it is given up on', async () => {
    const stop = new AbortController();
    const running = runCommand(
      { ...ctx, signal: stop.signal },
      [program('echo $$ > "$1"; exec sleep 1003'), join(ctx.folder, 'pids')],
      limit,
    );
    await eventually(() => isUp() && readFileSync(join(ctx.folder, 'pids'), 'utf8') !== '');
    const [pid = -1] = pids();
    const own = identifyProcess(pid);
    stop.abort(new Error('given up'));
    expect(await running).toMatchObject({ code: null, problem: 'interrupted' });
    await eventually(() => !isProcessAlive(own));
  });
});

describe('a command without a time limit', () => {
  it('dies with this process, and what it started too', async () => {
    const source = `
      import { createEntryContext } from 'ENGINES/entry-context.ts';
      import { runCommand } from 'ENGINES/run-command.ts';
      await runCommand(createEntryContext(() => {}), [${JSON.stringify(install())}]);`;
    const starter = spawnScript(ctx, 'starter', source);
    await eventually(isUp, 60_000);
    const own = pids().map(identifyProcess);
    expect(own.filter(isProcessAlive)).toHaveLength(2);
    starter.kill('SIGKILL');
    await eventually(() => !own.some(isProcessAlive));
  }, 120_000);

  it('leaves what goes on in the background of its own accord', async () => {
    const command = [program(`sleep 1004 >/dev/null 2>&1 & echo $!`)];
    const { stdout, code } = await runCommand(ctx, command);
    expect(code).toBe(0);
    const left = identifyProcess(Number(stdout));
    expect(isProcessAlive(left)).toBe(true);
    process.kill(left.pid, 'SIGKILL');
  });
});
