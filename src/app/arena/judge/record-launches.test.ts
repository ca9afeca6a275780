import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Ask, CallTrace, JudgePorts, LaunchTrace } from '../../../arena/index.ts';
import { recordLaunches } from './record-launches.ts';

const trace: LaunchTrace = {
  ...{ watched: true, looks: 3 },
  processes: [{ pid: 7, command: 'sh start_server.sh', otherSession: false, orphaned: false }],
  ...{ outbound: [], filesWritten: ['cache.bin'] },
  stop: { sweptPids: [], survivors: [], stillAnswered: false, reachedLimits: [] },
};
const calls: CallTrace = {
  ...{ opened: [], modelOpened: true, modelBytes: 10, executed: ['/bin/sh'] },
  ...{ connected: [], blind: false },
};

it('leaves a line for each launch, once, and one for the traced', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'bench-launches-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const path = join(dir, 'launches.jsonl');
  const ports = recordLaunches(
    {
      launch: async () => ({ stop: async () => trace }),
      traceLaunch: async () => calls,
    } as unknown as JudgePorts,
    path,
  );
  const first = await ports.launch('folder');
  const second = await ports.launch('folder');
  await second.stop();
  await first.stop();
  expect(await first.stop()).toEqual(trace);
  await ports.traceLaunch('folder', {} as Ask, 1);
  const lines = (await readFile(path, 'utf8')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { launch: 2, traced: false, ...trace },
    { launch: 1, traced: false, ...trace },
    { launch: 3, traced: true, ...calls },
  ]);
});
