import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, platform } from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEntryContext } from '../engines/index.ts';
import { sandboxes } from '../sandbox/index.ts';
import { selectCases } from './case.ts';
import { sandboxCases } from './sandbox-cases.ts';
import { isolationCaseNames } from './sandbox-isolation-cases.ts';
import type { SandboxSubject } from './sandbox-rig.ts';

describe.skipIf(platform !== 'linux').each(sandboxes.ids())('sandbox %s', (id) => {
  const sandbox = sandboxes.get(id);
  let subject: SandboxSubject;
  let unavailable: string | null;
  beforeAll(async () => {
    const context = createEntryContext(() => {});
    unavailable = await sandbox.available(context);
    subject = { sandbox, context, folder: mkdtempSync(join(tmpdir(), 'bench-sandbox-')) };
  });
  afterAll(() => rmSync(subject.folder, { recursive: true, force: true }));

  it('is there in CI', () => {
    // `.ci/run` installs what it needs: there, a skipped suite is a failure.
    if (env['CI'] !== undefined) expect(unavailable).toBeNull();
  });

  const reason = 'it does not isolate';
  const skip = sandbox.isolates
    ? {}
    : Object.fromEntries(isolationCaseNames.map((name) => [name, reason]));
  it.for(selectCases(sandboxCases, skip))(
    '$name',
    { timeout: 120_000 },
    ({ run, skipReason }, context) => {
      context.skip(skipReason !== null, skipReason ?? undefined);
      context.skip(unavailable !== null, unavailable ?? undefined);
      return run(subject);
    },
  );
});
