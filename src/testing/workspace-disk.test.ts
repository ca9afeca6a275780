import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEntryContext } from '../engines/index.ts';
import {
  closeWorkspaceDisk,
  openWorkspaceDisk,
  removeWorkspaceDisk,
  sandboxes,
} from '../sandbox/index.ts';
import { python, reportOf, runRig } from './sandbox-rig.ts';

const ctx = createEntryContext(() => {});
let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bench-disk-'));
  folder = join(root, 'workspace');
});
afterEach(async () => {
  await removeWorkspaceDisk(ctx, folder);
  rmSync(root, { recursive: true, force: true });
});

const noMounts = 'no file system can be mounted here';
const mounts = () => readFileSync('/proc/self/mounts', 'utf8');

const fill = `
try:
    with open('filled', 'wb', 0) as file:
        for _ in range(200): file.write(bytes(1 << 20))
    print('wrote it all')
except OSError as error: print('refused', error.errno)
`;

it('refuses more than it holds, where it is a file system; the sandbox goes on', async (context) => {
  const by = await openWorkspaceDisk(ctx, folder, 32 << 20);
  context.skip(by === 'watched', noMounts);
  const subject = { sandbox: sandboxes.get('process'), context: ctx, folder: root };
  const { text, receipt } = await runRig(subject, python(fill), {
    workspace: { from: folder, to: '/workspace' },
    limits: { memoryBytes: null, cpus: null, cpuset: null, processes: null, diskBytes: 32 << 20 },
  });
  expect(text).toBe('refused 28\n');
  expect(reportOf(receipt, 'diskBytes')).toMatchObject({ by: 'file-system', reached: true });
});

it('keeps what is in it when it is opened again, and takes it away when asked', async () => {
  for (const bytes of [32 << 20, 32 << 20, null]) {
    await openWorkspaceDisk(ctx, folder, bytes);
    if (!existsSync(join(folder, 'file'))) writeFileSync(join(folder, 'file'), 'kept');
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('kept');
  }
  await removeWorkspaceDisk(ctx, folder);
  expect(existsSync(folder)).toBe(false);
});

it('leaves nothing mounted when it is closed, not even after an interrupt', async (context) => {
  const by = await openWorkspaceDisk(ctx, folder, 32 << 20);
  context.skip(by === 'watched', noMounts);
  writeFileSync(join(folder, 'file'), 'kept');
  await closeWorkspaceDisk({ ...ctx, signal: AbortSignal.abort() }, folder);
  expect(mounts()).not.toContain(root);
  expect(existsSync(join(folder, 'file'))).toBe(false);
  expect(await openWorkspaceDisk(ctx, folder, null)).toBe('file-system');
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('kept');
});

it('is let go of while somebody is in there, and opened again', async (context) => {
  const by = await openWorkspaceDisk(ctx, folder, 32 << 20);
  context.skip(by === 'watched', noMounts);
  writeFileSync(join(folder, 'file'), 'kept');
  const visitor = spawn('sleep', ['600'], { cwd: folder, stdio: 'ignore' });
  try {
    await closeWorkspaceDisk(ctx, folder);
    expect(mounts()).not.toContain(root);
    await openWorkspaceDisk(ctx, folder, null);
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('kept');
    await removeWorkspaceDisk(ctx, folder);
    expect(existsSync(folder)).toBe(false);
  } finally {
    visitor.kill();
  }
});

it('does not hide what lies there below a file system', async () => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'file'), 'kept');
  expect(await openWorkspaceDisk(ctx, folder, 32 << 20)).toBe('watched');
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('kept');
});

it('says that what is in it cannot be had', async () => {
  writeFileSync(`${folder}.img`, 'no file system');
  await expect(openWorkspaceDisk(ctx, folder, 32 << 20)).rejects.toMatchObject({
    code: 'PREREQ_SANDBOX',
    message: expect.stringContaining('cannot be mounted'),
  });
});
