import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cwd } from 'node:process';
import { expect, it } from 'vitest';
import { commitmentLine, findScenario, shippedQuestions } from '../../../arena/index.ts';
import { createEntryContext } from '../../../engines/index.ts';
import { sandboxes } from '../../../sandbox/index.ts';
import { judgeToTrial } from './judge-to-trial.ts';

it('commits to its secret before it looks at the submission, or at anything', async () => {
  const root = mkdtempSync(join(tmpdir(), 'bench-judge-to-trial-'));
  const said: string[] = [];
  const ctx = createEntryContext((event) => {
    if (event.kind === 'phase') said.push(event.message ?? '');
  });
  const judging = judgeToTrial(ctx, {
    ...{ stored: await findScenario('decode', cwd()), class: 'small', trialId: 't' },
    // Neither is there.
    ...{ submissionDir: join(root, 'none'), modelPath: join(root, 'no-model') },
    ...{ outputDir: join(root, 'out'), version: '1', machine: 'm', startupTimeoutS: null },
    ...{ forceEngine: null, storedReference: null, sandbox: sandboxes.get('process') },
    questions: shippedQuestions,
    diskBytes: 1 << 20,
  });
  await expect(judging).rejects.toMatchObject({ code: 'PREREQ_MODEL_MISSING' });
  expect(said).toEqual([expect.stringMatching(/^Committed to the secret .*SHA-256 [0-9a-f]{64}$/)]);
  rmSync(root, { recursive: true, force: true });
});

it('tells the SHA-256 of the secret', () => {
  const secret = Buffer.from('00ff', 'hex');
  const sha256 = createHash('sha256').update(secret).digest('hex');
  expect(commitmentLine(secret)).toContain(sha256);
});
