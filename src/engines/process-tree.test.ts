import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { platform } from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IsolationProbe } from './isolation.ts';
import { isolationCandidates, probeIsolation } from './isolation.ts';
import { identifyProcess, isProcessAlive, readProcessStat } from './process-identity.ts';
import { descendantsOf, findInGroup, killAll } from './process-sweep.ts';
import { spawnTree } from './process-tree.ts';
import { runCommand } from './run-command.ts';
import type { TestContext } from './test-support.ts';
import { createTestContext, eventually, spawnScript, writeProgram } from './test-support.ts';

let ctx: TestContext;
beforeEach(() => {
  ctx = createTestContext();
});
afterEach(() => ctx.cleanUp());

const kinds = ['pid-namespace', 'death-signal', 'guard'] as const;
const isLinux = platform === 'linux';

async function usable(kind: string): Promise<IsolationProbe | undefined> {
  for (const candidate of isolationCandidates(ctx)) {
    if (candidate.kind !== kind) continue;
    if (candidate.tried === null) return candidate;
    const { code } = await runCommand(ctx, [...candidate.tried, 'true']);
    if (code === 0) return candidate;
  }
  return undefined;
}

/** A shell that starts a child, and a grandchild which has left session and group. */
const family = () =>
  writeProgram(
    ctx.folder,
    'family',
    '#!/bin/sh\n[ -n "$DEAF" ] && trap "" TERM\nsleep 1001 &\nsetsid sleep 1002 &\necho up\nwait; while :; do sleep 1; done\n',
  );
/** Both sleeps have begun, the one in its own session too. */
const startedAll = (groupPid: number) =>
  ['1001', '1002'].every((seconds) =>
    descendantsOf(groupPid).some(({ pid }) => commandOf(pid) === `sleep ${seconds}`),
  );
const commandOf = (pid: number) => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
  } catch {
    return '';
  }
};
const log = () => readFileSync(join(ctx.folder, 'log'), 'utf8');

describe.skipIf(!isLinux).each(kinds)('spawnTree, tied by %s', (kind) => {
  it.each([
    ['which obeys', {}, 'terminated'],
    ['which is deaf to SIGTERM', { DEAF: '1' }, 'killed'],
  ])(
    'ends a program %s, and what it started',
    async (_, env, how) => {
      const isolation = await usable(kind);
      if (!isolation) return expect(kind).not.toBe('guard');
      const logPath = join(ctx.folder, 'log');
      const tree = await spawnTree(ctx, { command: [family()], env, logPath, isolation });
      await eventually(() => log().includes('up'));
      await eventually(() => startedAll(tree.groupPid));
      const members = [identifyProcess(tree.groupPid), ...descendantsOf(tree.groupPid)];
      const receipt = await tree.stop({ graceMs: 400 });
      // As the first process of a namespace, a shell without a handler ignores SIGTERM.
      if (kind !== 'pid-namespace') expect(receipt.how).toBe(how);
      expect(receipt.survivors).toEqual([]);
      expect(members.filter(isProcessAlive)).toEqual([]);
      expect((await tree.stop()).how).toBe('already-exited');
    },
    30_000,
  );

  it('tells the end of a program by itself, with its code', async () => {
    const isolation = await usable(kind);
    if (!isolation) return;
    const command = [writeProgram(ctx.folder, 'brief', '#!/bin/sh\necho bye\nexit 7\n')];
    const tree = await spawnTree(ctx, {
      command,
      env: {},
      logPath: join(ctx.folder, 'log'),
      isolation,
    });
    expect(await tree.exited).toEqual({ code: 7, signal: null });
    expect(log()).toBe('bye\n');
    expect((await tree.stop()).survivors).toEqual([]);
  }, 30_000);

  it('dies with its starter, also after SIGKILL', async () => {
    const isolation = await usable(kind);
    if (!isolation) return;
    const source = `
      import { createEntryContext } from 'ENGINES/entry-context.ts';
      import { isolationCandidates } from 'ENGINES/isolation.ts';
      import { spawnTree } from 'ENGINES/process-tree.ts';
      const ctx = createEntryContext(() => {});
      // The orphan check names the process that starts the tree: this one.
      const isolation = isolationCandidates(ctx)[${isolationCandidates(ctx).findIndex((c) => c.kind === isolation.kind && c.prefix.length === isolation.prefix.length)}];
      const tree = await spawnTree(ctx, {
        command: [${JSON.stringify(family())}], env: {}, isolation,
        logPath: ${JSON.stringify(join(ctx.folder, 'log'))},
      });
      console.log('tree ' + tree.groupPid);
      setInterval(() => {}, 1000);`;
    const starter = spawnScript(ctx, 'starter', source);
    let printed = '';
    starter.stdout?.on('data', (text) => {
      printed += text;
    });
    await eventually(() => printed.includes('tree'));
    await eventually(() => log().includes('up'));
    const groupPid = Number(/tree (\d+)/.exec(printed)?.[1]);
    await eventually(() => startedAll(groupPid));
    const leader = identifyProcess(groupPid);
    const members = descendantsOf(groupPid);
    starter.kill('SIGKILL');
    await eventually(() => !isProcessAlive(leader));
    // Also what has left the group.
    await eventually(() => !members.some(isProcessAlive));
    for (const { pid } of members.filter(isProcessAlive)) process.kill(pid, 'SIGKILL');
  }, 60_000);
});

describe.skipIf(!isLinux)('what counts as running', () => {
  it('a process whose first thread has ended, until the others have', async () => {
    const threads = [
      'import ctypes, threading, time',
      'threading.Thread(target=time.sleep, args=(60,)).start()',
      'ctypes.CDLL(None).pthread_exit(None)',
    ].join('\n');
    const child = spawn('python3', ['-c', threads], { stdio: 'ignore' });
    const pid = child.pid ?? 0;
    await eventually(() => readProcessStat(pid)?.state === 'Z');
    const identity = identifyProcess(pid);
    expect(isProcessAlive(identity)).toBe(true);
    expect(await killAll(ctx.clock, [identity])).toEqual([]);
    expect(isProcessAlive(identity)).toBe(false);
  });

  it('members of a group that carry no marker any more', async () => {
    const child = spawn('/usr/bin/env', ['-i', '/bin/sleep', '60'], { detached: true, env: {} });
    const pid = child.pid ?? 0;
    expect(findInGroup(pid).map((member) => member.pid)).toEqual([pid]);
    expect(await killAll(ctx.clock, findInGroup(pid))).toEqual([]);
    expect(findInGroup(pid)).toEqual([]);
  });
});

describe('probeIsolation', () => {
  it('starts nothing when it is given up on meanwhile', async () => {
    const stop = new AbortController();
    const logPath = join(ctx.folder, 'log');
    const tree = spawnTree(
      { ...ctx, signal: stop.signal },
      { command: [family()], env: {}, logPath },
    );
    stop.abort(new Error('given up'));
    await expect(tree).rejects.toThrow('given up');
    expect(existsSync(logPath)).toBe(false);
  });

  it('takes the pipe guard where there is no Linux', async () => {
    expect((await probeIsolation({ ...ctx, platform: 'darwin' })).kind).toBe('guard');
  });
});
