import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownSharedMemory, sharedMemoryFolder } from './own-shared-memory.ts';
import { runCommand } from './run-command.ts';
import { createTestContext, putOnPath, type TestContext, writeProgram } from './test-support.ts';

let ctx: TestContext;
beforeEach(() => {
  ctx = createTestContext();
});
afterEach(() => ctx.cleanUp());

const here = await (async () => {
  const probe = createTestContext();
  try {
    return await ownSharedMemory(probe);
  } finally {
    probe.cleanUp();
  }
})();

describe.skipIf(here === null)('where the machine allows it', () => {
  it('what a program leaves in its shared memory is gone with it', async () => {
    const name = `bench-${randomUUID()}`;
    const script = `echo $$; ls ${sharedMemoryFolder}; echo x > ${sharedMemoryFolder}/${name}; ls ${sharedMemoryFolder}`;
    const ran = await runCommand(ctx, [...(here ?? []), '/bin/sh', '-c', script]);
    // Nobody else's was seen, and its own was.
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(`^\\d+\n${name}\n$`) });
    expect(readdirSync(sharedMemoryFolder)).not.toContain(name);
  });

  it('the program is whoever started it', async () => {
    const asks = ['/bin/sh', '-c', 'id -u; id -g'];
    const inside = await runCommand(ctx, [...(here ?? []), ...asks]);
    expect(inside.stdout).toBe((await runCommand(ctx, asks)).stdout);
  });
});

it('is null where the machine does not allow it, and is not asked for elsewhere', async () => {
  ctx.env = { ...ctx.env, PATH: ctx.folder };
  expect(await ownSharedMemory(ctx)).toBeNull();
  const bin = putOnPath(ctx);
  writeProgram(bin, 'unshare', '#!/bin/sh\nexit 0\n');
  expect(await ownSharedMemory({ ...ctx, platform: 'darwin' })).toBeNull();
  expect(await ownSharedMemory({ ...ctx, platform: 'linux' })).toContain('--mount');
});
