/**
 * How a row of a conformance table turned out. yes: the server does it; partial: in part, or not
 * everywhere; no: it does not, or refuses the request for it; ignored: it accepts the request for it and acts
 * as if it had not been asked; error: it fails where it had to answer; unknown: could not be
 * decided, the evidence says why.
 */
export const conformanceVerdicts = ['yes', 'partial', 'no', 'ignored', 'error', 'unknown'] as const;

export type ConformanceVerdict = (typeof conformanceVerdicts)[number];

/** One thing that a server does or does not do. */
export interface ConformanceRow {
  /** Stable: `length.ignore-eos`. The part before the dot is its family. */
  id: string;
  title: string;
  /** What was sent to find out. */
  asked: string;
  verdict: ConformanceVerdict;
  /** From the wire: status, counts, shapes. No prompts, no generated text, no secrets. */
  evidence: string;
  /** What that verdict means for a benchmark. */
  meaning: string;
}

/** What `bench conform` found out about one server. */
export interface Conformance {
  schema: 'inferencebench.conformance.v1';
  startedAt: string;
  endedAt: string;
  /** partial: interrupted, or out of time; the rows that are missing are `unknown`. */
  status: 'complete' | 'partial';
  exitCode: number;
  tool: { name: 'inferencebench'; version: string };
  /** Without secrets. */
  command: { argv: string[] };
  server: {
    /** Without secrets. */
    endpoint: string;
    /** Started by this command, or told by the server; null = it does not say. */
    engine: string | null;
    version: string | null;
    started: boolean;
    commandLine: string[] | null;
    model: string;
    /** Of one request, prompt and output together; null = not told. */
    contextTokens: number | null;
    /** Requests served at once; null = not told. */
    slots: number | null;
  };
  /** API that rows without one of their own were asked by. */
  api: 'chat' | 'completions';
  /** Generations and other requests that were sent. */
  requests: number;
  rows: ConformanceRow[];
  /** Rows that had to be `yes` (`--require`). */
  required: string[];
}
