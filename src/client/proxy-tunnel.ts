import { connect, type Socket } from 'node:net';
import { BenchError, redactText } from '../core/index.ts';

const maxHeadBytes = 16 * 1024;

/** @throws BenchError `USAGE_ENDPOINT` when the text is not the URL of an http proxy. */
export function parseProxy(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && url.protocol === 'http:') return url;
  throw new BenchError('USAGE_ENDPOINT', `"${redactText(text)}" is not an http proxy.`, {
    hint: 'Give the proxy as http://host:port; https and SOCKS proxies are not spoken.',
  });
}

/**
 * Opens a way through an http proxy with CONNECT, also to plain http servers: what the proxy sees
 * of the stream then are bytes that it cannot hold back to rewrite them.
 * @param host where to: `host:port`
 * @returns the socket to the proxy, at once
 */
export function openTunnel(
  proxy: string,
  host: string,
  callback: (error: Error | null, socket: Socket | null) => void,
): Socket {
  const url = parseProxy(proxy);
  const socket = connect({
    host: url.hostname.replaceAll(/^\[|\]$/g, ''),
    port: url.port === '' ? 80 : Number(url.port),
    noDelay: true,
  });
  const held: Buffer[] = [];

  function settle(error: Error | null): void {
    socket.off('readable', onReadable).off('error', settle).off('end', onEnd);
    if (error !== null) {
      // Whatever else it has to say is of no interest.
      socket.on('error', () => undefined).destroy();
    }
    callback(error, error === null ? socket : null);
  }

  const onEnd = () =>
    settle(new Error(`The proxy ${url.host} hung up before the tunnel was open.`));

  function onReadable(): void {
    for (
      let piece = socket.read() as Buffer | null;
      piece;
      piece = socket.read() as Buffer | null
    ) {
      held.push(piece);
    }
    const all = Buffer.concat(held);
    const end = all.indexOf('\r\n\r\n');
    if (end === -1) {
      if (all.length > maxHeadBytes)
        settle(new Error(`The proxy ${url.host} does not speak HTTP.`));
      return;
    }
    const line = all.toString('latin1', 0, all.indexOf('\r\n'));
    if (!/^HTTP\/1\.[01] 2\d\d\b/.test(line)) {
      settle(new Error(`The proxy ${url.host} opened no tunnel to ${host}: ${line}`));
      return;
    }
    // Bytes behind the head are the server's.
    if (all.length > end + 4) socket.unshift(all.subarray(end + 4));
    settle(null);
  }

  socket.on('readable', onReadable).on('error', settle).on('end', onEnd);
  socket.once('connect', () => socket.write(connectHead(url, host)));
  return socket;
}

function connectHead(url: URL, host: string): string {
  const lines = [`CONNECT ${host} HTTP/1.1`, `host: ${host}`];
  if (url.username !== '') {
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    lines.push(`proxy-authorization: Basic ${Buffer.from(pair).toString('base64')}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/**
 * The proxy that the usual environment variables name for a server: `http_proxy`, `https_proxy`,
 * `all_proxy`, less what `no_proxy` lists (host names with their subdomains, `*` for all, a port
 * where one is given). Lower case wins, and an upper-case HTTP_PROXY does not count inside of a
 * CGI program, where a request could set it.
 * @returns null where none is meant.
 */
export function proxyFromEnv(
  url: string,
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  const { protocol, hostname, port } = new URL(url);
  const own = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  const listed = (env['no_proxy'] ?? env['NO_PROXY'] ?? '').split(/[\s,]+/).filter(Boolean);
  const bare = hostname.replaceAll(/^\[|\]$/g, '');
  const isExcluded = listed.some((entry) => {
    if (entry === '*') return true;
    const { name, port: wanted } = readEntry(entry);
    const suffix = name.toLowerCase().replace(/^\*?\./, '');
    const isHost = bare === suffix || bare.endsWith(`.${suffix}`);
    return isHost && (wanted === undefined || wanted === own);
  });
  if (isExcluded) return null;
  const scheme = protocol === 'https:' ? 'https' : 'http';
  const upper =
    scheme === 'http' && env['REQUEST_METHOD'] !== undefined
      ? undefined
      : env[`${scheme}_proxy`.toUpperCase()];
  const found = env[`${scheme}_proxy`] ?? upper ?? env['all_proxy'] ?? env['ALL_PROXY'] ?? '';
  if (found === '') return null;
  return found.includes('://') ? found : `http://${found}`;
}

/** One entry of no_proxy; an IPv6 address holds colons and may stand in brackets. */
function readEntry(entry: string): { name: string; port: string | undefined } {
  const bracketed = /^\[(.*)\](?::(\d+))?$/.exec(entry);
  const [, name = entry, port] = bracketed ?? /^([^:]*):(\d+)$/.exec(entry) ?? [];
  return { name, port };
}
