import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCheats, shippedCheats } from '../../src/app/arena/scenario-check/cheats.ts';
import { createEntryContext } from '../../src/engines/index.ts';
import type { ScenarioCheck } from '../../src/model/index.ts';
import { sandboxes } from '../../src/sandbox/index.ts';
import { placeOracle, placeScenario, renameModel, runBench } from './judge-corpus.ts';

const cheats = await readCheats(shippedCheats);
/** Those that a sandbox could hide, as what they do is seen in processes and files, and one that it could not. */
const alsoShutIn = ['daemonised-survivor', 'launcher-exits', 'planted-verdict', 'usage-inflation'];

/** What `bench arena scenario check --only CHEAT` writes of the corpus's scenario. */
async function tryCheat(id: string, sandbox: string): Promise<ScenarioCheck> {
  const root = await mkdtemp(join(tmpdir(), 'bench-cheat-'));
  try {
    const scenario = await placeScenario(root);
    await placeOracle(scenario);
    await renameModel(join(scenario, 'scenario.json'), `toy-${id}`);
    const modelPath = join(root, 'toy.model');
    await writeFile(modelPath, 'a toy model\n');
    const output = join(root, 'out');
    await runBench([
      ...['scenario', 'check', scenario, '--class', 'small', '--only', id],
      ...['--model-path', modelPath, '--output', output, '--startup-timeout', '60'],
      ...['--sandbox', sandbox, '--json'],
    ]);
    return JSON.parse(await readFile(join(output, 'scenario-check.json'), 'utf8'));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

describe.concurrent('the cheats that come with bench, in front of the toy', () => {
  it.each(cheats)('$id', async ({ id, writtenAgainst }) => {
    // What a sandbox hides from a cheat need not be caught: without one, all of it has to be.
    let { folders } = await tryCheat(id, 'process');
    expect(folders).toMatchObject([{ id, part: 'cheats', writtenAgainst }]);
    // The arena's own failures on a busy machine say nothing of a cheat; twice they are one.
    if (folders[0]?.outcome === 'infra_error') ({ folders } = await tryCheat(id, 'process'));
    const [folder] = folders;
    expect(folder?.verdict, `${folder?.why}`).toBe('as_expected');
    expect(folder?.failedChecks).toContain(writtenAgainst);
  });
});

const bubblewrap = await sandboxes.get('bubblewrap').available(createEntryContext(() => {}));

describe.skipIf(bubblewrap !== null).concurrent('the same in bubblewrap', () => {
  it.each(cheats.filter(({ needs, id }) => needs === null && alsoShutIn.includes(id)))(
    '$id is caught',
    async ({ id, writtenAgainst }) => {
      const check = await tryCheat(id, 'bubblewrap');
      const [folder] = check.folders;
      expect(check.sandbox).toEqual({ id: 'bubblewrap', isolates: true });
      if (folder?.outcome === 'infra_error') return;
      expect(folder?.verdict, `${folder?.why}`).toBe('as_expected');
      expect(folder?.failedChecks).toContain(writtenAgainst);
    },
  );

  it.each(cheats.filter(({ needs }) => needs !== null))(
    '$id cannot cheat, and that is said',
    async ({ id }) => {
      const [folder] = (await tryCheat(id, 'bubblewrap')).folders;
      if (folder?.outcome === 'infra_error') return;
      expect(['scored', 'regressed']).toContain(folder?.outcome);
      expect(folder).toMatchObject({
        verdict: 'as_expected',
        why: expect.stringMatching(/^it could not cheat: /),
      });
    },
  );
});
