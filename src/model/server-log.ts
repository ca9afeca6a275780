/** A run's records beside what the server's log says of the same requests. */
export interface ServerLogJoin {
  /** Requests whose bytes went out. */
  sent: number;
  /** Those of them that the log names. */
  found: number;
  /** The others: they did not reach the server, or it does not log them all. */
  missing: { requestId: string; outcome: string }[];
  /** What the log gives times of. */
  waits: JoinedWait[];
}

export interface JoinedWait {
  name: 'TTFT' | 'E2E' | 'Queue';
  requests: number;
  server: JoinedSpread;
  /** From the send; null for what a client cannot see. */
  client: JoinedSpread | null;
  /** Of each request the client's wait less the server's. */
  outside: JoinedSpread | null;
  /** Requests that took the client less than the server by more than clocks explain. */
  impossible: number;
}

/** Nearest rank, milliseconds. */
export interface JoinedSpread {
  minMs: number;
  p50Ms: number;
  p90Ms: number;
  maxMs: number;
}
