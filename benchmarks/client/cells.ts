/** One situation in which clients are compared: the load asked of them and how the server behaves. */
export interface Cell {
  id: string;
  title: string;
  load: { kind: 'closed'; streams: number } | { kind: 'open'; rateRps: number; cap: number | null };
  /** Requests of a run that should take so many seconds. */
  requests(seconds: number): number;
  outputTokens: number;
  /** Prompt length in tokens of the clients' own generators, about 5 bytes each. */
  inputTokens: number;
  server: ServerBehaviour;
  /** Ask clients for per-token times; off where there are too many tokens to keep. */
  tokenTimes: boolean;
  /** Clients that this cell is not for. */
  skip: readonly string[];
  measure: 'timing' | 'arrivals' | 'freeze' | 'start' | 'coalesced' | 'throughput';
}

export interface ServerBehaviour {
  mode: 'staggered' | 'aligned' | 'plain' | 'blast';
  prefillMs: number;
  itlMs: number;
  freezeAtS: number | null;
}

const outputTokens = 200;
const prefillMs = 55;
const itlMs = 10;

function closed(id: string, streams: number, change: Partial<Cell> = {}): Cell {
  const server: ServerBehaviour = { mode: 'staggered', prefillMs, itlMs, freezeAtS: null };
  const cell: Cell = {
    id,
    title: `${streams} closed-loop streams x 100 tok/s, one token per write`,
    load: { kind: 'closed', streams },
    requests: (seconds) => streams * waves(seconds, cell),
    outputTokens,
    inputTokens: 128,
    server,
    tokenTimes: true,
    skip: [],
    measure: 'timing',
    ...change,
  };
  return cell;
}

/** Requests that each stream makes one after another; at least two, so that streams restart. */
function waves(seconds: number, cell: Cell): number {
  const oneS = (cell.server.prefillMs + cell.outputTokens * cell.server.itlMs) / 1000;
  return Math.max(2, Math.round(seconds / oneS));
}

/** Streams at another pace, in which only stamps matter. */
function paced(id: string, streams: number, perSecond: number): Cell {
  return closed(id, streams, {
    title: `${streams} closed-loop streams x ${perSecond} tok/s, stamps`,
    outputTokens: 2 * perSecond,
    server: { mode: 'staggered', prefillMs, itlMs: 1000 / perSecond, freezeAtS: null },
    skip: ['vllm-serve'],
  });
}

/** Poisson arrivals; `perAnswer` tokens, so that 4 or 10 k tok/s come back. */
function open(id: string, rateRps: number, perAnswer: number, everyMs: number): Cell {
  return {
    id,
    title: `open loop, Poisson, ${rateRps} req/s of ${perAnswer} tokens`,
    load: { kind: 'open', rateRps, cap: null },
    requests: (seconds) => Math.round(rateRps * seconds),
    outputTokens: perAnswer,
    inputTokens: 128,
    server: { mode: 'plain', prefillMs: 5, itlMs: everyMs, freezeAtS: null },
    tokenTimes: true,
    skip: [],
    measure: 'arrivals',
  };
}

function start(id: string, connections: number): Cell {
  return closed(id, connections, {
    title: `start to first request, ${connections} connections`,
    requests: () => connections,
    outputTokens: 8,
    server: { mode: 'plain', prefillMs: 5, itlMs: 1, freezeAtS: null },
    measure: 'start',
  });
}

export const cells: readonly Cell[] = [
  closed('s64', 64),
  closed('s128', 128),
  closed('s256', 256),
  closed('s512', 512),
  closed('s1024', 1024),
  closed('a512', 512, {
    title: '512 closed-loop streams x 100 tok/s, all streams tick together',
    server: { mode: 'aligned', prefillMs, itlMs, freezeAtS: null },
  }),
  paced('t64x50', 64, 50),
  paced('t512x20', 512, 20),
  paced('t2000x10', 2000, 10),
  open('open500', 500, 8, 1),
  open('open100', 100, 100, 5),
  open('open1000', 1000, 10, 1),
  open('open5000', 5000, 2, 1),
  {
    id: 'freeze8',
    title:
      'open loop, Poisson, 50 req/s for 20 s, at most 8 in flight; the server freezes 2 s once',
    load: { kind: 'open', rateRps: 50, cap: 8 },
    requests: () => 1000,
    outputTokens: 8,
    inputTokens: 128,
    server: { mode: 'plain', prefillMs: 5, itlMs: 1, freezeAtS: 8 },
    tokenTimes: true,
    skip: [],
    measure: 'freeze',
  },
  start('start8', 8),
  start('start512', 512),
  closed('blast64', 64, {
    title: '64 streams, coalesced: up to 64 KB per write, 2 000 tokens per answer',
    // Enough for all clients to be warm for most of it: ours reads a million tokens a second.
    requests: (seconds) => 64 * Math.max(2, Math.round(seconds * 5)),
    outputTokens: 2000,
    server: { mode: 'blast', prefillMs: 1, itlMs: 1, freezeAtS: null },
    tokenTimes: false,
    measure: 'coalesced',
  }),
  closed('prompt64', 64, {
    title: '64 closed-loop streams, prompts of 100 k tokens (about 500 KB), 50 tokens per answer',
    inputTokens: 100_000,
    outputTokens: 50,
    skip: ['vllm-bench', 'vllm-serve'],
    measure: 'throughput',
  }),
  closed('s2048', 2048, {
    title: '2048 streams x 100 tok/s: what the mock keeps up with (see its late writes)',
    skip: ['ours', 'vllm-bench', 'vllm-serve'],
  }),
  closed('limit', 64, {
    title: "the mock's own limit: 64 streams, one write per token as fast as it can",
    requests: (seconds) => 64 * 10 * Math.max(1, Math.round(seconds)),
    server: { mode: 'plain', prefillMs: 0, itlMs: 0.0001, freezeAtS: null },
    skip: ['ours', 'vllm-bench', 'vllm-serve'],
    measure: 'throughput',
  }),
];

/** The table, without the stamp, long-prompt and limit cells. */
export const defaultCells: readonly string[] = [
  's64',
  's128',
  's256',
  's512',
  's1024',
  'a512',
  'open500',
  'freeze8',
  'start8',
  'start512',
  'blast64',
];

/** Those that decide, the most telling first. */
export const quickCells: readonly string[] = [
  's512',
  'blast64',
  'start8',
  'start512',
  'open500',
  's1024',
  'a512',
  'freeze8',
  's64',
];
