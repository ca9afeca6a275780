import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { platform } from 'node:process';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEntryContext } from '../../../engines/index.ts';
import { type Sandbox, sandboxes } from '../../../sandbox/index.ts';
import { type LaunchSettings, launchSubmission } from './launch-submission.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bench-launch-'));
  for (const name of ['tmp', 'submission', 'model']) mkdirSync(join(root, name));
  writeFileSync(join(root, 'submission/start_server.sh'), '#!/bin/sh\nexec sleep 600\n');
  vi.stubEnv('TMPDIR', join(root, 'tmp'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

const launch = (sandbox: Sandbox, signal?: AbortSignal) => {
  const settings: LaunchSettings = {
    sandbox,
    limits: { memoryBytes: null, cpus: null, cpuset: null, processes: null, diskBytes: null },
    client: { apart: true, cpus: null },
    onLimits: () => {},
    modelPath: { from: join(root, 'model'), to: '/model' },
    modelName: 'toy',
    engines: null,
    readOnly: [],
    accelerators: false,
    startupTimeoutMs: 60_000,
    requestTimeoutMs: 60_000,
    logPath: join(root, 'server.log'),
  };
  const ctx = { ...createEntryContext(() => {}), ...(signal && { signal }) };
  return launchSubmission(ctx, join(root, 'submission'), settings);
};
const left = () => readdirSync(join(root, 'tmp')).filter((name) => name.startsWith('bench-'));

describe.skipIf(platform !== 'linux')('a launcher that ends at once', () => {
  const endOf = async (text: string) => {
    writeFileSync(join(root, 'submission/start_server.sh'), text);
    chmodSync(join(root, 'submission/start_server.sh'), 0o755);
    const started = await launch(sandboxes.get('process'));
    try {
      return await started.ready().catch((error: Error) => error.message);
    } finally {
      await started.stop();
    }
  };

  it.each([
    ['with the line ends of Windows', '#!/bin/sh\r\nexit 0\r\n'],
    ['for want of its interpreter', '#!/no/such/sh\nexit 0\n'],
  ])('%s is told where to look', async (_, text) => {
    expect(await endOf(text)).toMatch(/ended with exit code 12[67]: .*; check the #! line/);
  });

  it('for want of a program that it calls is not', async () => {
    const told = await endOf('#!/bin/sh\nexec ./no-such-server\n');
    expect(told).toMatch(/ended with exit code 127: .*no-such-server/);
    expect(told).not.toContain('#!');
  });
});

describe.skipIf(platform !== 'linux')('a launch leaves no folder', () => {
  const plain = sandboxes.get('process');

  it('once it is stopped, also after an interrupt', async () => {
    const stop = new AbortController();
    const started = await launch(plain, stop.signal);
    expect(left()).not.toEqual([]);
    stop.abort(new Error('enough'));
    await started.stop().catch(() => {});
    expect(left()).toEqual([]);
  });

  it('where its sandbox cannot be had', async () => {
    const start = () => Promise.reject(new Error('not here'));
    await expect(launch({ ...plain, start })).rejects.toThrow('not here');
    expect(left()).toEqual([]);
  });

  it('where its end fails', async () => {
    const started = await launch({
      ...plain,
      async start(...order) {
        const inside = await plain.start(...order);
        const stop = async () => {
          await inside.stop();
          throw new Error('no receipt');
        };
        return { ...inside, stop };
      },
    });
    await expect(started.stop()).rejects.toThrow('no receipt');
    expect(left()).toEqual([]);
  });
});
