import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createEntryContext } from '../engines/index.ts';
import { openWorkspaceDisk, sandboxes, type WorkspaceDisk } from '../sandbox/index.ts';
import { python, reportOf, runRig } from './sandbox-rig.ts';

const ctx = createEntryContext(() => {});
let root: string;
let disk: WorkspaceDisk | null;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bench-disk-'));
  disk = null;
});
afterEach(async () => {
  await disk?.remove();
  rmSync(root, { recursive: true, force: true });
});

const fill = `
try:
    with open('filled', 'wb', 0) as file:
        for _ in range(200): file.write(bytes(1 << 20))
    print('wrote it all')
except OSError as error: print('refused', error.errno)
`;

it('refuses more than it holds, where it is a file system; the sandbox goes on', async (context) => {
  const folder = join(root, 'workspace');
  disk = await openWorkspaceDisk(ctx, folder, 32 << 20);
  context.skip(disk.by === 'watched', 'no file system can be mounted here');
  const subject = { sandbox: sandboxes.get('process'), context: ctx, folder: root };
  const { text, receipt } = await runRig(subject, python(fill), {
    workspace: { from: folder, to: '/workspace' },
    limits: { memoryBytes: null, cpus: null, cpuset: null, processes: null, diskBytes: 32 << 20 },
  });
  expect(text).toBe('refused 28\n');
  expect(reportOf(receipt, 'diskBytes')).toMatchObject({ by: 'file-system', reached: true });
});

it('keeps what is in it when it is opened again, and takes it away when asked', async () => {
  const folder = join(root, 'workspace');
  for (const bytes of [32 << 20, 32 << 20, null]) {
    disk = await openWorkspaceDisk(ctx, folder, bytes);
    if (!existsSync(join(folder, 'file'))) writeFileSync(join(folder, 'file'), 'kept');
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('kept');
  }
  await disk?.remove();
  expect(existsSync(folder)).toBe(false);
});
