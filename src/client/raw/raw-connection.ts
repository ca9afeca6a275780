import { connect, type Socket } from 'node:net';
import type { Clock } from '../../core/index.ts';
import { type ConnectTimes, watchConnect, whenWritten } from '../connect-times.ts';
import type { PollStamps } from './poll-stamps.ts';
import type { ResponseHead } from './response-head.ts';
import { createResponseParser } from './response-parser.ts';

/** What the request on a connection is told. */
export interface Exchange {
  /** All of the request has been handed to the kernel. */
  written(): void;
  head(head: ResponseHead): void;
  body(bytes: Buffer, from: number, to: number): void;
  /** The response has ended; the connection may be used again, or not. */
  end(reusable: boolean): void;
  /** The connection is gone before the response has ended. */
  lost(error: Error): void;
  /**
   * A network read begins: what follows came with it.
   * @param isContinued `takeChunks` has had its beginning
   */
  readBegins(isContinued: boolean): void;
  /**
   * All that the read brought has been told, and the response has not ended.
   * @returns whether `takeChunks` may be asked first when the next one comes
   */
  readEnds(): boolean;
  /**
   * Takes whole chunks off bytes[from, to), which begin with a chunk's size line: of a read that
   * has begun, or of the next one. @returns where it stopped
   */
  takeChunks(bytes: Buffer, from: number, to: number): number;
}

/** One socket; carries one request at a time. */
export interface RawConnection {
  /** Sends a whole request; its response goes to `exchange`. */
  begin(exchange: Exchange, request: Buffer): void;
  /** Hangs up; nobody is told. */
  destroy(): void;
  /** What connecting has taken so far; for while it is being opened, and the moment it is. */
  connectTimes(): ConnectTimes;
  /** Connected, and neither side has hung up as far as is known. */
  readonly isOpen: boolean;
}

export interface ConnectionWatcher {
  opened(connection: RawConnection): void;
  /** No connection came about. */
  failed(error: Error): void;
  /** It ended while no request was on it. */
  idleEnd(connection: RawConnection): void;
}

/** Kernel reads go here, whichever socket of this thread they are of: it is read out at once. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

/** Opens one connection. Watchers are never called before this returns. */
export function openRawConnection(
  address: { host: string; port: number },
  clock: Clock,
  stamps: PollStamps,
  watcher: ConnectionWatcher,
): RawConnection {
  let exchange: Exchange | null = null;
  let isOpen = false;
  let wasOpen = false;
  let lastTurn = -1;
  /** Between two chunks of a stream of tokens. */
  let isSteady = false;

  const parser = createResponseParser({
    head: (head) => exchange?.head(head),
    body: (bytes, from, to) => exchange?.body(bytes, from, to),
    chunks: (bytes, from, to) => exchange?.takeChunks(bytes, from, to) ?? from,
  });

  const socket: Socket = connect({
    ...address,
    noDelay: true,
    onread: { buffer: readBuffer, callback: onRead },
  });

  const watch = watchConnect(socket, clock, false);

  function onRead(length: number): boolean {
    stamps.begin(lastTurn);
    lastTurn = stamps.turn;
    if (exchange === null) {
      // Nobody asked.
      end();
      return true;
    }
    let from = 0;
    if (isSteady) {
      from = exchange.takeChunks(readBuffer, 0, length);
      if (from === length) return true;
      isSteady = false;
    }
    exchange.readBegins(from > 0);
    const taken = parser.push(readBuffer, from, length);
    if (parser.ended) finish(parser.keepAlive && taken === length && socket.writableLength === 0);
    else if (parser.error !== null) lose(new Error(parser.error));
    // The request may have been given up meanwhile.
    else isSteady = exchange?.readEnds() === true && parser.isBetweenChunks;
    return true;
  }

  /** Takes the request off; from here on nothing is told to it. */
  function takeExchange(): Exchange | null {
    const taken = exchange;
    exchange = null;
    return taken;
  }

  function finish(reusable: boolean): void {
    const ended = takeExchange();
    if (!reusable) hangUp();
    ended?.end(reusable);
  }

  function lose(error: Error): void {
    const broken = takeExchange();
    hangUp();
    broken?.lost(error);
  }

  function hangUp(): void {
    isOpen = false;
    socket.destroy();
  }

  /** The other side, or the network, has ended it. */
  function end(error?: Error & { code?: string }): void {
    if (!wasOpen) {
      wasOpen = true;
      watcher.failed(error ?? new Error('other side closed'));
      return;
    }
    const wasIdle = isOpen && exchange === null;
    hangUp();
    if (wasIdle) watcher.idleEnd(connection);
    if (exchange === null) return;
    if ((error === undefined || error.code === 'ECONNRESET') && parser.eof()) finish(false);
    else lose(error ?? new Error('other side closed'));
  }

  const connection: RawConnection = {
    begin(own, request) {
      exchange = own;
      isSteady = false;
      parser.reset();
      // Its response must not be stamped earlier than this.
      lastTurn = stamps.turn;
      socket.write(request);
      whenWritten(socket, () => own.written());
    },
    destroy() {
      exchange = null;
      wasOpen = true;
      hangUp();
    },
    connectTimes: () => watch.spent(),
    get isOpen() {
      return isOpen && !socket.destroyed;
    },
  };

  socket.on('connect', () => {
    if (wasOpen) return;
    wasOpen = true;
    isOpen = true;
    watcher.opened(connection);
  });
  socket.on('error', end);
  socket.on('end', () => end());
  socket.on('close', () => end());
  return connection;
}
