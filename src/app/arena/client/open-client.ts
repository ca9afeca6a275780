import type { EngineContext } from '../../../engines/index.ts';
import type { Sandboxed } from '../../../sandbox/index.ts';
import { createLoadClient, type LoadClient } from './load-client.ts';
import { openNetworkClient } from './network-client.ts';

/** Of what kind the client is: of one for both sides of a trial, so that it adds the same to both. */
export interface ClientKind {
  /** A process of its own, as a server in a sandbox's network needs it; false: this process. */
  apart: boolean;
  /** That it runs on alone; null = any. */
  cpus: string | null;
}

/** @param inNetwork makes a command one in the server's network; where that is this one, the command itself */
export function openClient(
  ctx: EngineContext,
  { apart, cpus }: ClientKind,
  inNetwork: Sandboxed['inNetwork'] = (command) => command,
): LoadClient {
  return apart || cpus !== null
    ? openNetworkClient(ctx, { inNetwork, cpus })
    : createLoadClient(ctx);
}
