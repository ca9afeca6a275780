import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createFakeHost } from './fake-host.ts';
import { gitState } from './git-state.ts';
import { createNodeHost } from './node-host.ts';

test('the fake host keeps what is written and calls interrupt handlers', () => {
  const host = createFakeHost({ argv: ['run'], env: { A: 'b' }, columns: 60 });
  host.stdout.write('an');
  host.stdout.write('swer');
  host.stderr.write('talk');
  expect([host.out(), host.err()]).toEqual(['answer', 'talk']);
  expect([host.argv, host.env['A'], host.stdout.columns, host.stdout.isTTY]).toEqual([
    ['run'],
    'b',
    60,
    false,
  ]);
  const signals: string[] = [];
  const off = host.onInterrupt((signal) => signals.push(signal));
  expect(host.interrupt('SIGTERM')).toBe(1);
  off();
  expect(host.interrupt()).toBe(0);
  expect(signals).toEqual(['SIGTERM']);
});

describe('the real host', () => {
  test('listens to the streams of its process once, however often it is made', () => {
    createNodeHost();
    const count = () => [process.stdout, process.stderr].map((one) => one.listenerCount('error'));
    const before = count();
    for (let at = 0; at < 20; at++) createNodeHost();
    expect(count()).toEqual(before);
  });

  const start = (code: string, args: string[] = []) =>
    spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        '--input-type=module',
        '-e',
        `import { createNodeHost, whenWritten } from '${new URL('./node-host.ts', import.meta.url)}';
         const host = createNodeHost();
         ${code}`,
        '--',
        ...args,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );

  test('writes to the process and hears its signals', async () => {
    const child = start(`
      host.onInterrupt((signal) => { host.stdout.write('heard ' + signal); process.exit(); });
      host.stderr.write('tty ' + host.stdout.isTTY + ' columns ' + host.stdout.columns);
      setTimeout(() => {}, 60000);`);
    const out: string[] = [];
    child.stdout.on('data', (chunk) => out.push(String(chunk)));
    const [greeting] = await once(child.stderr, 'data');
    expect(String(greeting)).toBe('tty false columns 80');
    child.kill('SIGTERM');
    await once(child, 'close');
    expect(out.join('')).toBe('heard SIGTERM');
  }, 30_000);

  test('does not end before a slow reader has taken all', async () => {
    const child = start(`
      host.stdout.write('x'.repeat(300000));
      host.stderr.write('written');
      await whenWritten(process.stdout);
      process.exit(0);`);
    await once(child.stderr, 'data');
    // More than any pipe holds is still with the program.
    await new Promise((resolve) => setTimeout(resolve, 300));
    let bytes = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    await once(child, 'close');
    expect(bytes).toBe(300_000);
  }, 30_000);

  test('survives a reader that goes away', async () => {
    const child = start(`
      const line = 'x'.repeat(65536);
      let n = 0;
      const more = () => {
        host.stdout.write(line);
        if (++n < 50) setTimeout(more, 5);
        else { host.stderr.write('done'); process.exit(0); }
      };
      more();`);
    const err: string[] = [];
    child.stderr.on('data', (chunk) => err.push(String(chunk)));
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code] = await once(child, 'close');
    expect([code, err.join('')]).toEqual([0, 'done']);
  }, 30_000);
});

describe('gitState', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bench-git-'));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  test('tells commit and dirt at the root of a work tree, and nothing elsewhere', async () => {
    expect(await gitState(dir)).toBeNull();
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: dir });
    git('init', '--quiet');
    expect(await gitState(dir)).toBeNull();
    writeFileSync(join(dir, 'a'), '1');
    git('add', 'a');
    git('commit', '--quiet', '-m', 'one');
    const commit = String(git('rev-parse', 'HEAD')).trim();
    expect(await gitState(dir)).toEqual({ commit, dirty: false });
    writeFileSync(join(dir, 'b'), '2');
    expect(await gitState(dir)).toEqual({ commit, dirty: true });
    mkdirSync(join(dir, 'below'));
    expect(await gitState(join(dir, 'below'))).toBeNull();
  });
});
