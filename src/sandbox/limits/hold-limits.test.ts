import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { platform } from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEntryContext, spawnTree } from '../../engines/index.ts';
import { holdLimits } from './hold-limits.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-limits-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ctx = createEntryContext(() => {});

describe.skipIf(platform !== 'linux')('holdLimits', () => {
  it('puts limits around a program that starts by other means, and says who held them', async () => {
    const limits = { memoryBytes: 256 << 20, cpus: 1, cpuset: '0' };
    const held = await holdLimits(ctx.clock, limits);
    const logPath = join(folder, 'log');
    const tree = await spawnTree(ctx, {
      command: [...held.wrapper, 'grep', 'Cpus_allowed_list', '/proc/self/status'],
      ...{ env: {}, logPath },
    });
    await held.watch(
      () => [],
      () => {},
    );
    expect((await tree.exited).code).toBe(0);
    await tree.stop();
    expect(readFileSync(logPath, 'utf8')).toMatch(/:\s+0\n$/);
    const reports = await held.close();
    expect(Object.fromEntries(reports.map(({ limit, asked }) => [limit, asked]))).toEqual(limits);
    for (const { limit, by, reached } of reports) {
      expect(by, limit).not.toBe('none');
      if (limit === 'memoryBytes') expect(reached).toBe(false);
    }
  });

  it('holds nothing where nothing is asked for', async () => {
    const held = await holdLimits(ctx.clock, { memoryBytes: null, cpus: null, cpuset: null });
    expect(held.wrapper).toEqual([]);
    expect(await held.close()).toEqual([]);
  });
});
