/** What strace wrote of a program and all that it started (see find-tracer.ts for its options). */
export interface ReadTrace {
  /** Files that were opened, links resolved; for reading, for writing, or both. */
  opened: ReadonlyMap<string, { read: boolean; created: boolean }>;
  /** In order. */
  executed: readonly string[];
  /** To addresses other than loopback, and to Unix sockets of others that took the call. */
  connected: readonly SeenConnect[];
  /** Something used io_uring, whose opens are no system calls. */
  ioUring: boolean;
}

export interface SeenConnect {
  /** `192.0.2.1:443`, `unix:/tmp/worker` */
  to: string;
  /** Wall clock. */
  atMs: number;
  /** TCP and the like. */
  stream: boolean;
  /** It came about, or was under way when the call returned. */
  open: boolean;
}

const openCalls = new Set(['open', 'openat', 'openat2', 'creat', 'open_by_handle_at']);

/** Reads the whole of a trace; lines that are cut off or unknown are left out. */
export function readTrace(text: string): ReadTrace {
  const opened = new Map<string, { read: boolean; created: boolean }>();
  const executed: string[] = [];
  const connected: SeenConnect[] = [];
  const streams = new Set<string>();
  const bound = new Set<string>();
  const begun = new Map<string, string>();
  let ioUring = false;
  for (const line of text.split('\n')) {
    const [, pid = '', seconds = '', rest] = /^(\d+)\s+(\d+\.\d+) (.*)$/.exec(line) ?? [];
    if (rest === undefined) continue;
    // Calls during which another one was told come in two parts.
    if (rest.endsWith('<unfinished ...>')) {
      begun.set(pid, rest.slice(0, -'<unfinished ...>'.length));
      continue;
    }
    const [, resumed] = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest) ?? [];
    const call = resumed === undefined ? rest : `${begun.get(pid) ?? ''}${resumed}`;
    const [, name = '', args = '', result = '', named] =
      /^(\w+)\((.*)\)\s+= (-?\d+|\?)(?:<(.*)>(?=$| \())?/.exec(call) ?? [];
    const failed = result.startsWith('-') || result === '?';
    if (openCalls.has(name) && !failed && named !== undefined) {
      const path = unescapePath(named);
      const seen = opened.get(path);
      const read = !/\bO_WRONLY\b/.test(args) && name !== 'creat';
      const created = /\bO_CREAT\b/.test(args) || name === 'creat';
      opened.set(path, {
        read: read || seen?.read === true,
        created: created || seen?.created === true,
      });
    } else if ((name === 'execve' || name === 'execveat') && !failed) {
      const [, path] = /"((?:[^"\\]|\\.)*)"/.exec(args) ?? [];
      if (path !== undefined) executed.push(unescapePath(path));
    } else if (name === 'socket' && !failed && named !== undefined) {
      if (args.includes('SOCK_STREAM')) streams.add(named);
    } else if (name === 'bind') {
      const own = unixOf(args);
      if (own !== null) bound.add(own);
    } else if (name === 'connect') {
      const to = addressOf(args) ?? (failed ? null : unixOf(args));
      if (to === null) continue;
      const [, socket = ''] = /^\d+<(.*?)>/.exec(args) ?? [];
      const open = !failed || call.includes('EINPROGRESS');
      connected.push({ to, atMs: Number(seconds) * 1000, stream: streams.has(socket), open });
    } else if (name === 'io_uring_setup' && !failed) ioUring = true;
  }
  const others = connected.filter(({ to }) => !bound.has(to));
  return { opened, executed, connected: others, ioUring };
}

/** Null: no Unix socket, or one of the system's own services (names, logs, drivers). */
function unixOf(args: string): string | null {
  const [, abstract = '', path] = /sun_path=(@?)"((?:[^"\\]|\\.)*)"/.exec(args) ?? [];
  if (path === undefined || /^(\/var)?\/run\/|^\/dev\//.test(path)) return null;
  return `unix:${abstract}${unescapePath(path)}`;
}

/** Null: not of the internet, or loopback. */
function addressOf(args: string): string | null {
  const [, port] = /sin6?_port=htons\((\d+)\)/.exec(args) ?? [];
  const [, v4] = /inet_addr\("([^"]+)"\)/.exec(args) ?? [];
  const [, v6] = /inet_pton\(AF_INET6, "([^"]+)"/.exec(args) ?? [];
  const address = v4 ?? v6?.replace(/^::ffff:(?=\d+\.)/, '');
  if (port === undefined || address === undefined) return null;
  if (address.startsWith('127.') || address === '0.0.0.0') return null;
  if (address === '::1' || address === '::') return null;
  return `${address}:${port}`;
}

const letters: Record<string, number> = { t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 };

/** strace writes bytes that are no plain text in octal. */
function unescapePath(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== '\\') {
      bytes.push(text.charCodeAt(at));
      continue;
    }
    const [octal] = /^[0-7]{1,3}/.exec(text.slice(at + 1, at + 4)) ?? [];
    if (octal !== undefined) {
      bytes.push(Number.parseInt(octal, 8));
      at += octal.length;
    } else {
      at += 1;
      bytes.push(letters[text[at] ?? ''] ?? text.charCodeAt(at));
    }
  }
  return Buffer.from(bytes).toString('utf8');
}
