import type { Answer, Traffic } from '../../../arena/index.ts';
import type { AskTarget } from '../judge/ask-server.ts';
import type { AskedReadiness } from './load-client.ts';

/** What the load client is asked: a line of JSON each, answered in any order. */
export type ClientRequest = { id: number } & (
  | { want: 'send'; target: AskTarget; traffic: Traffic }
  | { want: 'ready'; readiness: AskedReadiness }
  | { want: 'port'; host: string; port: number }
);

export type ClientReply = { id: number } & (
  | { value: ClientValue }
  | { error: { code: string | null; message: string; hint: string | null } }
);

/** Of `send`: the answers; of `ready`: milliseconds since the start; of `port`: whether it is free. */
export type ClientValue = Answer[] | number | boolean;
