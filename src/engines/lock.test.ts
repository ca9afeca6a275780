import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pid } from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from './lock.ts';
import { identifyProcess } from './process-identity.ts';
import type { TestContext } from './test-support.ts';
import { createTestContext, spawnScript } from './test-support.ts';

let ctx: TestContext;
let path: string;
beforeEach(() => {
  ctx = createTestContext();
  path = join(ctx.folder, 'a.lock');
});
afterEach(() => ctx.cleanUp());

const held = (changes: object) =>
  writeFileSync(
    path,
    JSON.stringify({ pid, startTicks: null, host: hostname(), what: 'x', token: 't', ...changes }),
  );
const options = { what: 'testing', pollMs: 5, timeoutMs: 300 };

describe('withLock', () => {
  it('keeps processes from working at the same time', async () => {
    const counter = join(ctx.folder, 'counter');
    writeFileSync(counter, '0');
    // Read, wait, write: without mutual exclusion increments get lost.
    const source = `
      import { readFileSync, writeFileSync } from 'node:fs';
      import { createEntryContext } from 'ENGINES/entry-context.ts';
      import { withLock } from 'ENGINES/lock.ts';
      const ctx = createEntryContext(() => {});
      for (let i = 0; i < 10; i++) {
        await withLock(ctx, ${JSON.stringify(path)}, { what: 'counting', pollMs: 3 }, async () => {
          const before = Number(readFileSync(${JSON.stringify(counter)}, 'utf8'));
          await new Promise((resolve) => setTimeout(resolve, 4));
          writeFileSync(${JSON.stringify(counter)}, String(before + 1));
        });
      }`;
    const ends = [1, 2].map(
      (number) =>
        new Promise((resolve) => spawnScript(ctx, `count${number}`, source).on('exit', resolve)),
    );
    expect(await Promise.all(ends)).toEqual([0, 0]);
    expect(readFileSync(counter, 'utf8')).toBe('20');
  }, 60_000);

  it('takes over the lock of a process that is gone', async () => {
    held({ pid: 4_194_300, startTicks: 1 });
    expect(await withLock(ctx, path, options, async () => 'done')).toBe('done');
  });

  it.skipIf(identifyProcess(pid).startTicks === null)(
    'takes over the lock of an earlier process of the same number',
    async () => {
      held({ startTicks: 1 });
      expect(await withLock(ctx, path, options, async () => 'done')).toBe('done');
    },
  );

  it('waits for a living holder, says for whom, and gives up', async () => {
    held({ ...identifyProcess(pid), what: 'installing things' });
    await expect(withLock(ctx, path, options, async () => 'done')).rejects.toMatchObject({
      code: 'PREREQ_LOCK_TIMEOUT',
    });
    expect(ctx.events).toEqual([
      { kind: 'log', message: `Waiting for process ${pid}, which is installing things.` },
    ]);
  });

  it('clears away what a process left that was killed while it tried', async () => {
    held({ pid: 4_194_300, startTicks: 1 });
    writeFileSync(`${path}.a-token`, readFileSync(path));
    const living = { ...identifyProcess(pid), host: hostname(), what: 'x', token: 'b' };
    writeFileSync(`${path}.b`, JSON.stringify(living));
    expect(await withLock(ctx, path, options, async () => 'done')).toBe('done');
    expect(readdirSync(ctx.folder)).toEqual(['a.lock.b']);
  });

  it('does not judge the holder on another machine', async () => {
    held({ pid: 4_194_300, host: 'elsewhere' });
    await expect(withLock(ctx, path, options, async () => 'done')).rejects.toThrow(/elsewhere/);
  });

  it('is free again after a failure, and after a broken takeover', async () => {
    const fail = async () => {
      throw new Error('no');
    };
    await expect(withLock(ctx, path, options, fail)).rejects.toThrow('no');
    held({ pid: 4_194_300 });
    mkdirSync(ctx.folder, { recursive: true });
    writeFileSync(`${path}.breaking`, readFileSync(path));
    expect(await withLock(ctx, path, options, async () => 'done')).toBe('done');
  });
});
