import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { execPath, pid as ownPid } from 'node:process';
import { afterEach, describe, expect, it } from 'vitest';
import { lookAtProcesses, readAddress } from './process-watch.ts';
import { eventually } from './test-support.ts';

const linux = process.platform === 'linux';
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

describe.skipIf(!linux)('a look at processes (needs /proc)', () => {
  it('sees what a process connects to, and not what connects to it', async () => {
    const outside = createServer().listen(0, '127.0.0.1');
    ends.push(() => outside.close());
    const port = await portOf(outside);
    const child = spawn(
      execPath,
      ['-e', `require('net').connect(${port}, '127.0.0.1'); setInterval(() => {}, 1000)`],
      { stdio: 'ignore' },
    );
    ends.push(() => child.kill('SIGKILL'));
    const pid = child.pid ?? 0;
    await eventually(() => lookAtProcesses([pid])?.outbound[0] === `127.0.0.1:${port}`);
    expect(lookAtProcesses([pid])?.outbound).toEqual([`127.0.0.1:${port}`]);
    const [seen] = lookAtProcesses([pid])?.processes ?? [];
    expect(seen).toMatchObject({ pid, parentPid: ownPid });
    expect(seen?.command).toContain('setInterval');
  });

  it('takes a connection between processes of one server for no connection outside', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    ends.push(() => server.close());
    const port = await portOf(server);
    const socket = connect(port, '127.0.0.1');
    ends.push(() => socket.destroy());
    await new Promise((resolve) => socket.once('connect', resolve));
    const { outbound } = lookAtProcesses([ownPid]) ?? { outbound: ['?'] };
    expect(outbound).not.toContain(`127.0.0.1:${port}`);
  });

  it('leaves out what is gone', () => {
    expect(lookAtProcesses([2 ** 22 + 1])).toEqual({ processes: [], outbound: [] });
  });
});

it.each([
  ['0100007F', '127.0.0.1'],
  ['0101A8C0', '192.168.1.1'],
  ['00000000000000000000000001000000', '0:0:0:0:0:0:0:1'],
  ['0000000000000000FFFF00000100007F', '127.0.0.1'],
])('the address %s of /proc is %s', (hex, address) => {
  expect(readAddress(hex)).toBe(address);
});

function portOf(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve) => {
    server.once('listening', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
}
