/** Mean and p99 of |client - truth|, milliseconds; null without samples. */
export interface ErrorFigures {
  meanMs: number | null;
  p99Ms: number | null;
}

/** One level of `bench selftest`: the client's report against the server's own stamps. */
export interface SelftestLevel {
  /** `closed 64 x 50 tok/s` or `open 500 req/s`. */
  load: string;
  /** Tokens that arrived, per second. */
  tokensPerS: number;
  requests: number;
  /** Service TTFT, said minus true. */
  ttft: ErrorFigures;
  /** Gap by gap, said minus true. */
  itl: ErrorFigures;
  /** Last token, said minus true, both from the send. */
  e2e: ErrorFigures;
  /** Actual minus intended send, open loop only. */
  send: ErrorFigures;
  inFlightAsked: number | null;
  inFlightReached: number | null;
  /** E2E mean <= 10 ms, ITL p99 <= 5 ms, >= 97 % in flight. */
  keptUp: boolean;
}

/** What this client can do on this host; kept per host and attached to later runs. */
export interface Selftest {
  schema: 'inferencebench.selftest.v1';
  /** ISO 8601. */
  at: string;
  toolVersion: string;
  hostnameHash: string;
  cpuCount: number;
  transport: string;
  levels: SelftestLevel[];
  /** Loads that the time was up for; absent: none. */
  notRun?: string[] | undefined;
  /** Highest token rate of the ladder at which the client kept up; null when none. */
  maxTokensPerS: number | null;
}
