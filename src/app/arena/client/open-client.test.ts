import { readdirSync, readFileSync } from 'node:fs';
import { pid, platform } from 'node:process';
import { expect, it } from 'vitest';
import { createEntryContext } from '../../../engines/index.ts';
import { openClient } from './open-client.ts';

const ctx = createEntryContext(() => {});

/** Client processes that this one has started. */
const clients = () =>
  readdirSync('/proc').filter((name) => {
    try {
      const parent = / (\d+) /.exec(
        readFileSync(`/proc/${name}/stat`, 'utf8').replace(/^.*\) ./, ''),
      );
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      return Number(parent?.[1]) === pid && command.includes('client-main');
    } catch {
      return false;
    }
  }).length;

it.skipIf(platform !== 'linux').each([
  ['apart, as a server in a sandbox needs it', { apart: true, cpus: null }, 1],
  ['in this process', { apart: false, cpus: null }, 0],
] as const)('a client is %s', async (_, kind, processes) => {
  const before = clients();
  const client = openClient(ctx, kind);
  // It answers wherever it is.
  expect(await client.isPortFree('127.0.0.1', 0)).toBe(true);
  expect(clients() - before).toBe(processes);
  await client.close();
});
