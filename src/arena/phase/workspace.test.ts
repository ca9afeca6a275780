import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { buildWorkspace } from './workspace.ts';

const root = mkdtempSync(join(tmpdir(), 'bench-workspace-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const own = join(root, 'reference');
mkdirSync(own);
writeFileSync(join(own, 'start_server.sh'), 'exec server\n', { mode: 0o444 });

const build = async (name: string, startingPoint: 'bare' | 'stub' | 'running', running: object) => {
  const folder = join(root, name);
  const options = { mission: 'do it', startingPoint, running } as Parameters<
    typeof buildWorkspace
  >[1];
  await buildWorkspace(folder, options);
  return { folder, names: readdirSync(folder).toSorted() };
};
const tools = ['evaluate', 'mission.md', 'snapshot', 'timer'];
const text = (folder: string) => readFileSync(join(folder, 'start_server.sh'), 'utf8');

it('has no launcher, one that fails, or the text of one that works', async () => {
  expect((await build('bare', 'bare', { text: 'x' })).names).toEqual(tools);
  const stub = await build('stub', 'stub', { folder: own });
  expect(stub.names).toContain('start_server.sh');
  expect(text(stub.folder)).toContain('not written yet');
  expect(text((await build('running', 'running', { text: 'exec engine\n' })).folder)).toBe(
    'exec engine\n',
  );
});

it("starts from a copy of the scenario's own launcher, which can be changed", async () => {
  const { folder, names } = await build('alone', 'running', { folder: own });
  expect(names).toEqual(['evaluate', 'mission.md', 'snapshot', 'start_server.sh', 'timer']);
  expect(text(folder)).toBe('exec server\n');
  expect(statSync(join(folder, 'start_server.sh')).mode & 0o777).toBe(0o755);
});

it('declares what goes with a launcher of several files', async () => {
  writeFileSync(join(own, 'main.mjs'), '');
  const { folder } = await build('several', 'running', { folder: own });
  const { files } = JSON.parse(readFileSync(join(folder, 'submission.json'), 'utf8'));
  expect(files.toSorted()).toEqual(['main.mjs', 'start_server.sh']);
});
