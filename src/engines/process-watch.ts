import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isIP } from 'node:net';

/** A process as /proc tells it. */
export interface WatchedProcess {
  pid: number;
  parentPid: number;
  sessionId: number;
  /** Its command line, at most 1000 characters. */
  command: string;
}

/** Processes and their open connections at one moment; null = this machine does not tell. */
export interface ProcessLook {
  processes: WatchedProcess[];
  /** Connections that one of them opened to something that none of them listens on. */
  outbound: string[];
}

/** Looks at processes of one server, all in one network. Those that have just ended are left out. */
export function lookAtProcesses(pids: readonly number[]): ProcessLook | null {
  if (readText('/proc/self/stat') === null) return null;
  const processes = describeProcesses(pids);
  const sockets = new Set(pids.flatMap(socketsOf));
  const network = pids.map((pid) => connectionsOf(pid)).find((one) => one.length > 0) ?? [];
  const own = network.filter(({ inode }) => sockets.has(inode));
  const listening = new Set(
    own.filter(({ state }) => state === listen).map(({ localPort }) => localPort),
  );
  const outbound = own.filter(
    ({ state, localPort, remotePort, remote, udp }) =>
      remotePort !== 0 &&
      (udp || state === established || state === synSent) &&
      !listening.has(localPort) &&
      !(isLoopback(remote) && listening.has(remotePort)),
  );
  return {
    processes,
    outbound: [...new Set(outbound.map(({ remote, remotePort }) => `${remote}:${remotePort}`))],
  };
}

/** Processes that are still there, without their connections. */
export function describeProcesses(pids: readonly number[]): WatchedProcess[] {
  return pids.flatMap((pid) => describeProcess(pid) ?? []);
}

/** States of Linux' tcp_states.h. */
const established = '01';
const synSent = '02';
const listen = '0A';

interface Connection {
  inode: string;
  state: string;
  localPort: number;
  remote: string;
  remotePort: number;
  udp: boolean;
}

function describeProcess(pid: number): WatchedProcess | null {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The name in parentheses may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  const command = (readText(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim();
  return {
    pid,
    parentPid: Number(fields[1]),
    sessionId: Number(fields[3]),
    command: command.slice(0, 1000),
  };
}

function socketsOf(pid: number): string[] {
  let names: string[];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${name}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
}

/** Of the network that a process is in (proc(5), /proc/PID/net). */
function connectionsOf(pid: number): Connection[] {
  return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((kind) => {
    const lines = (readText(`/proc/${pid}/net/${kind}`) ?? '').trim().split('\n').slice(1);
    return lines.flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      const [, local = '', remote = '', state = ''] = fields;
      const [address = '', port = '0'] = remote.split(':');
      return {
        inode: fields[9] ?? '',
        state,
        localPort: Number.parseInt(local.split(':')[1] ?? '0', 16),
        remote: readAddress(address),
        remotePort: Number.parseInt(port, 16),
        udp: kind.startsWith('udp'),
      };
    });
  });
}

/** Hex of 32-bit words in the machine's (little-endian) order. */
export function readAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).toReversed().map((byte) => Number.parseInt(byte, 16)),
  );
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) return hex;
  // An IPv4 address in IPv6 clothes.
  if (bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255) {
    return bytes.slice(12).join('.');
  }
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16),
  );
  return groups.join(':');
}

const isLoopback = (address: string) =>
  isIP(address) === 4 ? address.startsWith('127.') : address === '0:0:0:0:0:0:0:1';

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
