import type { Socket } from 'node:net';
import type { Clock } from '../core/index.ts';

/** What a connection took, microseconds; DNS and TLS are parts of the whole. */
export interface ConnectTimes {
  connectUs: number;
  dnsUs: number;
  tlsUs: number;
}

/** A request on a connection that was open. */
export const noConnect: ConnectTimes = { connectUs: 0, dnsUs: 0, tlsUs: 0 };

/** Watches one attempt to connect. */
export interface ConnectWatch {
  /** From here on what is left is the TLS handshake. */
  tlsBegins(): void;
  /** What has been spent so far. */
  spent(): ConnectTimes;
}

/** Begins with a socket that has just been told to connect; an address needs no DNS. */
export function watchConnect(socket: Socket, clock: Clock, isTls: boolean): ConnectWatch {
  const startUs = clock.nowUs();
  let dnsUs = 0;
  let tlsStartUs: number | null = null;
  // Told once for each address of a name.
  socket.once('lookup', () => {
    dnsUs = clock.nowUs() - startUs;
  });
  const tlsBegins = () => {
    tlsStartUs ??= clock.nowUs();
  };
  // Of a TLS socket this is TCP alone.
  if (isTls) socket.once('connect', tlsBegins);
  return {
    tlsBegins,
    spent() {
      const nowUs = clock.nowUs();
      const tlsUs = tlsStartUs === null ? 0 : nowUs - tlsStartUs;
      return { connectUs: nowUs - startUs, dnsUs, tlsUs };
    },
  };
}

/**
 * Calls back when all that was written to the socket so far has been handed to the kernel: at once
 * if it is, not at all if the connection is lost before.
 */
export function whenWritten(socket: Socket, callback: () => void): void {
  if (socket.writableLength === 0) callback();
  // Nothing, queued behind the rest: `drain` tells only of more than the high-water mark.
  else
    socket.write('', (error) => {
      if (!error) callback();
    });
}
