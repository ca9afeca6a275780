import { lstat, readlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { packageFile } from '../../core/index.ts';
import type { SandboxMount } from '../sandbox.ts';
import { acceleratorArguments, type ListFolder } from './accelerators.ts';

/** User inside. Where bench is root it is the real one: a number that nobody else has. */
export const insideUser = 64_646;
export const insideHome = '/home/agent';
export const insidePath = '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin';

/** Programs and libraries of the system; elsewhere (/etc, /home, /root, /var, /run) lies what is somebody's. */
const systemFolders = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];
/** Of /etc only what programs need to start; names, keys and networks stay outside. */
const systemSettings = [
  ...['/etc/ld.so.cache', '/etc/ld.so.conf', '/etc/ld.so.conf.d', '/etc/alternatives'],
  ...['/etc/localtime', '/etc/nsswitch.conf', '/etc/python3', '/etc/mime.types'],
  ...['/etc/ssl/certs', '/etc/ssl/openssl.cnf'],
];
const machineFacts = '/sys/devices/system';
const devices = ['null', 'zero', 'full', 'random', 'urandom'];
const links = { fd: '/proc/self/fd', stdin: 'fd/0', stdout: 'fd/1', stderr: 'fd/2' };

/** Files of /etc that are made up: one user, one host. Handed over by descriptor, from `firstFd` on. */
export const madeFiles = [
  { path: '/etc/passwd', text: `agent:x:${insideUser}:${insideUser}::${insideHome}:/bin/sh\n` },
  { path: '/etc/group', text: `agent:x:${insideUser}:\n` },
  { path: '/etc/hosts', text: '127.0.0.1 localhost\n::1 localhost\n' },
];

/**
 * What is seen inside, as arguments of bwrap: the system read-only, an own /proc, /dev, home and
 * /tmp, the workspace, and what is asked for. Everything else does not exist.
 * @param temporaryBytes size of the home, of /tmp and of /dev/shm, each; null = as the kernel has it
 */
export async function viewArguments(options: {
  workspace: SandboxMount;
  readOnly: readonly SandboxMount[];
  temporaryBytes: number | null;
  firstFd: number;
  /** Whether those of this machine are seen. */
  accelerators: boolean;
  /** For tests. */
  listDevices?: ListFolder;
}): Promise<string[]> {
  const { workspace, readOnly, temporaryBytes, firstFd, accelerators, listDevices } = options;
  const scratch = (path: string, mode: string) => [
    ...['--perms', mode],
    ...(temporaryBytes === null ? [] : ['--size', String(temporaryBytes)]),
    ...['--tmpfs', path],
  ];
  const made = madeFiles.flatMap(({ path }, index) => [
    ...['--perms', '0444', '--ro-bind-data', String(firstFd + index), path],
  ]);
  return [
    ...['--ro-bind', '/usr', '/usr'],
    ...(await asOnSystem()),
    ...[...systemSettings, machineFacts, insideHome].flatMap(foldersAbove),
    ...systemSettings.flatMap((path) => ['--ro-bind-try', path, path]),
    ...made,
    ...hiddenArguments(),
    ...['--proc', '/proc'],
    ...['--ro-bind-try', machineFacts, machineFacts],
    // Not by bwrap's --dev: with a user namespace, that makes a second one inside, and the owner of
    // the first cannot enter its network.
    ...['--tmpfs', '/dev'],
    ...devices.flatMap((name) => ['--dev-bind', `/dev/${name}`, `/dev/${name}`]),
    ...(accelerators ? await acceleratorArguments(listDevices) : []),
    ...Object.entries(links).flatMap(([name, to]) => ['--symlink', to, `/dev/${name}`]),
    ...scratch('/dev/shm', '1777'),
    ...scratch('/tmp', '1777'),
    ...scratch(insideHome, '0777'),
    ...['--dir', '/var', '--symlink', '../tmp', '/var/tmp'],
    ...[...readOnly, workspace].flatMap(({ to }) => foldersAbove(to)),
    ...readOnly.flatMap(({ from, to }) => ['--ro-bind', from, to]),
    ...['--bind', workspace.from, workspace.to],
    // Else its folders could be written, in memory that nobody counts.
    ...['--remount-ro', '/dev', '--remount-ro', '/'],
  ];
}

/** Those that bwrap makes by itself are for root alone. */
function foldersAbove(path: string): string[] {
  const above = dirname(path);
  return above === '/' ? [] : [...foldersAbove(above), '--perms', '0755', '--dir', above];
}

/** /bin and the like are links to /usr on most systems. */
async function asOnSystem(): Promise<string[]> {
  const parts: string[] = [];
  for (const path of systemFolders) {
    const found = await lstat(path).catch(() => null);
    if (found === null) continue;
    parts.push(
      ...(found.isSymbolicLink()
        ? ['--symlink', await readlink(path), path]
        : ['--ro-bind', path, path]),
    );
  }
  return parts;
}

/** This program itself, evaluator included, where it is installed below /usr. */
function hiddenArguments(): string[] {
  const own = packageFile('.').replace(/\/+$/, '');
  return own.startsWith('/usr/') ? ['--tmpfs', own, '--remount-ro', own] : [];
}
