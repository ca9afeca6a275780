import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { platform } from 'node:process';
import { afterAll, describe, expect, it } from 'vitest';
import { runTrial } from '../../../arena/index.ts';
import { packageFile } from '../../../core/index.ts';
import { createEntryContext } from '../../../engines/index.ts';
import { buildSetup } from './build-setup.ts';

const root = mkdtempSync(join(tmpdir(), 'bench-setup-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What an agent finds in its workspace as it starts. */
async function lookAround(scenario: string, startingPoint: 'stub' | null): Promise<string> {
  const folder = join(root, `${scenario}-${startingPoint}`);
  mkdirSync(folder);
  writeFileSync(join(root, 'model.gguf'), 'GGUF weights');
  const script = `#!/bin/sh
cat mission.md start_server.sh
[ -x start_server.sh ] && echo executable
`;
  writeFileSync(join(root, 'agent.sh'), script);
  const setup = await buildSetup(
    createEntryContext(() => {}),
    {
      ...{ scenario, class: 'small', agent: 'script:agent.sh', budget: 60, startingPoint },
      ...{
        sandbox: 'process',
        repeat: 1,
        disk: 64,
        forceEngine: null,
        questions: null,
        secondOpinion: null,
      },
      ...{ modelPath: join(root, 'model.gguf'), startupTimeout: null, reference: null },
    },
    { folder, cwd: root, resumed: false },
  );
  const judge = () => Promise.reject(new Error('enough'));
  // It ends in the middle: without a file system that would stay mounted.
  await expect(runTrial({ ...setup, diskBytes: null, judge })).rejects.toThrow('enough');
  return readFileSync(join(folder, 'agent.log'), 'utf8');
}

describe.skipIf(platform !== 'linux')('the workspace of an agent', () => {
  it("has a copy of the scenario's own launcher where the scenario has one", async () => {
    const seen = await lookAround('sglang-system', null);
    const launcher = packageFile('scenarios/sglang-system/reference/small/start_server.sh');
    expect(seen).toContain(readFileSync(launcher, 'utf8'));
    expect(seen).toContain('a copy of the launcher that yours is measured against');
    expect(seen).toMatch(/^executable$/m);
  });

  it('has a stub of it where that is asked for', async () => {
    const seen = await lookAround('sglang-system', 'stub');
    expect(seen).toContain('start_server.sh is there, and only fails.');
    expect(seen).toContain('not written yet (see mission.md)');
  });

  it('has a stub where the scenario has no launcher', async () => {
    expect(await lookAround('decode', null)).toContain('not written yet (see mission.md)');
  });
});
