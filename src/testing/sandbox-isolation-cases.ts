import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { packageFile } from '../core/index.ts';
import type { Case } from './case.ts';
import { fillTemporary } from './sandbox-limit-cases.ts';
import {
  assertGone,
  output,
  python,
  runRig,
  type SandboxSubject,
  shell,
  startRig,
  until,
} from './sandbox-rig.ts';

/** A server on a port that others have too, which says its name. */
const namedServer = (name: string) =>
  python(`
import socket
server = socket.create_server(('127.0.0.1', 8000))
print('up', flush=True)
while True:
    peer, _ = server.accept()
    peer.sendall(b'${name}'); peer.close()
`);

const askIt = [
  'python3',
  '-c',
  "import socket; print(socket.create_connection(('127.0.0.1', 8000), 10).recv(100).decode(), end='')",
];

const tryConnect = (address: string, port: number) => `
import socket
try:
    socket.create_connection(('${address}', ${port}), 20)
    print('${address} reached')
except OSError as error:
    print('${address} refused')
`;

/** Only opened, never written: should it be allowed after all, the machine must not suffer. */
const powers = `
import os
for path in ['/proc/sys/kernel/core_pattern', '/proc/sys/vm/overcommit_memory', '/proc/sysrq-trigger',
             '/proc/irq/default_smp_affinity']:
    try:
        os.close(os.open(path, os.O_WRONLY))
        print('may write', path)
    except OSError: pass
for line in open('/proc/self/status'):
    name, value = line.split(':', 1)
    if name in ('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb') and int(value, 16): print(line)
    if name == 'NoNewPrivs' and value.strip() != '1': print(line)
for uid_map in open('/proc/self/uid_map'):
    inside, outside, count = map(int, uid_map.split())
    if inside <= os.getuid() < inside + count and outside + os.getuid() - inside == 0: print('is root')
try:
    os.setuid(0); print('became root')
except OSError: pass
`;

const isolation: readonly Case<SandboxSubject>[] = [
  {
    name: 'shows no process of the machine, and lets none be ended',
    async run(subject) {
      const secret = 'a-process-outside';
      const outside = spawn('/bin/sh', ['-c', 'read -r _', secret], { stdio: 'pipe' });
      const program = shell(
        `cat /proc/[0-9]*/cmdline | tr "\\0" " "; echo; ls -d /proc/[0-9]*; kill ${outside.pid}; exit 0`,
      );
      const { text } = await runRig(subject, program);
      assert.ok(!text.includes(secret), text);
      const shown = text.split('\n').filter((line) => /^\/proc\/\d+$/.test(line));
      assert.ok(shown.length < 10, shown.join());
      assert.deepEqual([outside.exitCode, outside.signalCode], [null, null]);
      outside.stdin.end();
    },
  },
  {
    name: 'lets nothing be written but the workspace and what is temporary',
    async run(subject) {
      const from = join(mkdtempSync(join(subject.folder, 'read-only-')), 'given');
      mkdirSync(from, { mode: 0o777 });
      writeFileSync(join(from, 'file'), 'as it was');
      const places = ['/x', '/usr/x', '/etc/x', '/etc/passwd', '/dev/x', '/given/file', '/given/x'];
      const tries = places.map((at) => `( echo bad >>${at} ) 2>/dev/null && echo wrote ${at}`);
      const program = shell(
        `${tries.join('\n')}\nchmod 777 /given/file && echo changed\necho ok >mine`,
      );
      const { text, workspace } = await runRig(subject, program, {
        readOnly: [{ from, to: '/given' }],
      });
      assert.ok(!/wrote|changed\n/.test(text), text);
      assert.equal(readFileSync(join(from, 'file'), 'utf8'), 'as it was');
      assert.equal(readFileSync(join(workspace, 'mine'), 'utf8'), 'ok\n');
    },
  },
  {
    name: 'does not guess how many were alive where the program ended who was to count them',
    async run(subject) {
      const rig = await startRig(subject, shell('sleep 1000 & kill -9 $PPID; wait'));
      await rig.sandboxed.exited;
      const receipt = await rig.stop();
      assert.equal(receipt.aliveAtStop, null);
      assertGone(rig, receipt);
    },
  },
  {
    name: 'shows no file of the machine beside the system',
    async run(subject) {
      const outside = join(subject.folder, 'outside');
      writeFileSync(outside, 'ours');
      const own = packageFile('package.json');
      const home = subject.context.home;
      const hidden = [outside, own, `${home}/.ssh`, `${home}/.cache`, '/etc/shadow', '/var/log'];
      const tries = hidden.map((path) => `[ -e ${path} ] && echo "sees ${path}"`).join('\n');
      const { text } = await runRig(subject, shell(`${tries}\nid -u; hostname; exit 0`));
      assert.ok(!text.includes('sees'), text);
    },
  },
  {
    name: 'gives no power over the machine',
    async run(subject) {
      const { text } = await runRig(subject, python(powers));
      assert.equal(text, '');
    },
  },
  {
    name: 'has no way out: neither to the network nor to our own ports',
    async run(subject) {
      const server = createServer((socket) => socket.destroy());
      await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
      const address = server.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      const own = Object.values(networkInterfaces())
        .flat()
        .filter((one) => one?.family === 'IPv4')
        .map((one) => one?.address ?? '');
      const targets = [...new Set([...own, '127.0.0.1', '192.0.2.1'])];
      const script = targets.map((target) => tryConnect(target, port)).join('\n');
      const { text } = await runRig(subject, python(script));
      server.close();
      assert.equal(text, targets.map((target) => `${target} refused\n`).join(''));
    },
  },
  {
    name: 'keeps the ports of two apart, and lets a client of ours into each by plain loopback',
    async run(subject) {
      const one = await startRig(subject, namedServer('one'));
      const two = await startRig(subject, namedServer('two'));
      try {
        await until('both up', () => one.logText() === 'up\n' && two.logText() === 'up\n');
        assert.equal(await output(one.sandboxed.inNetwork(askIt)), 'one');
        assert.equal(await output(two.sandboxed.inNetwork(askIt)), 'two');
        // The client has the server's network and keeps all else of its own.
        const spaces = await output(
          one.sandboxed.inNetwork(['readlink', ...['net', 'mnt', 'pid'].map(ownSpace)]),
        );
        const server = one.sandboxed.pid();
        assert.deepEqual(spaces.trim().split('\n'), [
          readlinkSync(`/proc/${server}/ns/net`),
          readlinkSync(ownSpace('mnt')),
          readlinkSync(ownSpace('pid')),
        ]);
        assert.notEqual(readlinkSync(`/proc/${server}/ns/net`), readlinkSync(ownSpace('net')));
        const devices = await output(one.sandboxed.inNetwork(['cat', '/proc/self/net/dev']));
        const names = devices.split('\n').flatMap((line) => /^\s*(\S+):/.exec(line)?.[1] ?? []);
        assert.ok(names.includes('lo'), devices);
        const routes = await output(one.sandboxed.inNetwork(['cat', '/proc/self/net/route']));
        assert.equal(routes.trim().split('\n').length, 1, `no route but the loopback: ${routes}`);
      } finally {
        await one.stop(0);
        await two.stop(0);
      }
    },
  },
  {
    name: 'refuses space in its temporary folders, and not in the memory of the machine',
    async run(subject) {
      const limits = {
        ...{ memoryBytes: 256 << 20, diskBytes: 32 << 20 },
        ...{ cpus: null, cpuset: null, processes: null },
      };
      for (const folder of ["'/tmp/x'", "os.environ['HOME'] + '/x'", "'/dev/shm/x'"]) {
        const { text } = await runRig(subject, fillTemporary(folder), { limits });
        assert.equal(text, 'refused 28\n', `ENOSPC in ${folder}`);
      }
    },
  },
];

function ownSpace(kind: string): string {
  return `/proc/self/ns/${kind}`;
}

/** Names of the cases that a sandbox without isolation cannot keep. */
export const isolationCaseNames: readonly string[] = isolation.map(({ name }) => name);

export const sandboxIsolationCases = isolation;
