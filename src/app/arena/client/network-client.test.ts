import { describe, expect, it } from 'vitest';
import { createEntryContext } from '../../../engines/index.ts';
import { openNetworkClient } from './network-client.ts';

describe('a load client whose network is gone', () => {
  it('says so to who waits for it and to who asks later', async () => {
    const client = openNetworkClient(
      createEntryContext(() => {}),
      { inNetwork: () => ['sh', '-c', 'echo no such network >&2; exit 1'], cpus: null },
    );
    const failed = { code: 'CLIENT_FAILED', message: expect.stringContaining('no such network') };
    await expect(client.isPortFree('127.0.0.1', 1)).rejects.toMatchObject(failed);
    await expect(client.isPortFree('127.0.0.1', 1)).rejects.toMatchObject(failed);
    await client.close();
  });
});
