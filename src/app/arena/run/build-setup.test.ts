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

const build = (
  changes: { scenario?: string; startingPoint?: 'stub' | null },
  place: { folder: string; resumed: boolean },
) =>
  buildSetup(
    createEntryContext(() => {}),
    {
      ...{ scenario: 'decode', class: 'small', agent: `script:${join(root, 'agent.sh')}` },
      ...{ budget: 60, startingPoint: null, sandbox: 'process', repeat: 1, disk: 64 },
      ...{ forceEngine: null, questions: null, secondOpinion: null },
      ...{ modelPath: join(root, 'model.gguf'), startupTimeout: null, reference: null },
      ...changes,
    },
    { cwd: root, ...place },
  );

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
  const setup = await build({ scenario, startingPoint }, { folder, resumed: false });
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

describe.skipIf(platform !== 'linux')('the agent of a resume', () => {
  it.each(['changed', 'taken away'])(
    'is the one of the trial, if its script was %s',
    async (how) => {
      const folder = join(root, how);
      mkdirSync(folder);
      writeFileSync(join(root, 'model.gguf'), 'GGUF weights');
      const script = join(root, 'agent.sh');
      writeFileSync(script, '#!/bin/sh\necho first\n');
      const { agent } = await build({}, { folder, resumed: false });
      mkdirSync(join(folder, 'agent'));
      await agent.prepare({ folder: join(folder, 'agent'), inside: '/agent' } as Parameters<
        typeof agent.prepare
      >[0]);
      if (how === 'changed') writeFileSync(script, '#!/bin/sh\necho second\n');
      else rmSync(script);
      const again = await build({}, { folder, resumed: true });
      expect([again.agent.id, again.agent.version]).toEqual([agent.id, agent.version]);
    },
  );
});
