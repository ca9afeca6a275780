import type { Figures } from './figures.ts';

/** A row of the printed table; `goal` says whether our median is good enough, given the peers'. */
export interface Row {
  figure: string;
  digits: number;
  goal?: {
    text: string;
    met(ours: number, peers: Readonly<Record<string, number>>): boolean | null;
  };
}

const atMost = (limit: number) => ({
  text: `<= ${limit}`,
  met: (ours: number) => Math.abs(ours) <= limit,
});
const atLeast = (limit: number) => ({ text: `>= ${limit}`, met: (ours: number) => ours >= limit });

const cpu: Row = {
  figure: 'CPU s / M tokens, load window',
  digits: 2,
  goal: {
    text: '<= 1.4 C, <= 0.75 Rust',
    met(ours, peers) {
      const floor = peers['c-reader'];
      const rust = peers['vllm-bench'];
      if (floor === undefined && rust === undefined) return null;
      return ours <= 1.4 * (floor ?? Infinity) && ours <= 0.75 * (rust ?? Infinity);
    },
  },
};

const ground: Row[] = [
  { figure: 'CPU s / M tokens, whole process', digits: 2 },
  { figure: 'core busy with the client, %', digits: 0 },
  { figure: 'tokens/s at the server', digits: 0 },
  { figure: 'requests', digits: 0 },
  { figure: 'failed', digits: 0 },
];

const disturbance: Row[] = [
  { figure: 'other work on its core, %', digits: 1 },
  { figure: 'steal, %', digits: 1 },
  { figure: 'mock: writes late by > 1 ms, %', digits: 2 },
  { figure: 'mock: core busy, %', digits: 0 },
];

const timing: Row[] = [
  { figure: 'TTFT true, mean, ms', digits: 2 },
  { figure: 'TTFT error, mean, ms', digits: 2 },
  { figure: 'TTFT error, p50, ms', digits: 2 },
  { figure: 'TTFT error, p99, ms', digits: 2 },
  { figure: 'TTFT error, each, p99, ms', digits: 2 },
  { figure: 'E2E error, mean, ms', digits: 2 },
  { figure: 'ITL error, each token, p99, ms', digits: 2 },
  { figure: 'ITL said minus true, p99, ms', digits: 2 },
  { figure: 'ITL said, p50, ms', digits: 3 },
  { figure: 'ITL said, mean, ms', digits: 3 },
  { figure: 'stamp lag above the least, p99, ms', digits: 3 },
  { figure: 'in flight reached', digits: 1 },
];

const goals: Record<string, Record<string, Row['goal']>> = {
  s512: {
    'TTFT error, mean, ms': atMost(0.2),
    'TTFT error, p99, ms': atMost(0.5),
    'E2E error, mean, ms': atMost(0.5),
    'ITL error, each token, p99, ms': {
      text: '<= 0.3 (quiet), <= Rust',
      met: (ours, peers) => ours <= Math.max(0.3, peers['vllm-bench'] ?? 0),
    },
    'in flight reached': atLeast(509),
  },
  s1024: {
    'TTFT error, mean, ms': atMost(1),
    'TTFT error, p99, ms': atMost(2.5),
    'E2E error, mean, ms': atMost(3),
    'ITL said minus true, p99, ms': atMost(4),
  },
  a512: { 'TTFT error, mean, ms': atMost(2.5), 'TTFT error, p99, ms': atMost(5) },
  open500: { 'KS distance to exponential': atMost(0.025) },
  open100: { 'send lag said, p99, ms': atMost(0.5) },
  open1000: { 'send lag said, p99, ms': atMost(0.5) },
  open5000: { 'send lag said, p99, ms': atMost(1) },
  freeze8: {
    'E2E p99 said / simulated': {
      text: 'within 2 %',
      met: (ours) => Math.abs(ours - 1) <= 0.02,
    },
  },
  start8: { 'start to first request of any kind, s': atMost(0.3) },
  start512: { 'start to first request of any kind, s': atMost(0.45) },
  t64x50: { 'stamp lag above the least, p99, ms': atMost(0.25) },
  t512x20: { 'stamp lag above the least, p99, ms': atMost(0.25) },
  t2000x10: { 'stamp lag above the least, p99, ms': atMost(0.25) },
};

const rowsOf: Record<string, Row[]> = {
  timing: [cpu, ...ground, ...timing, ...disturbance],
  arrivals: [
    { figure: 'rate reached, req/s', digits: 1 },
    { figure: 'rate reached / own schedule', digits: 4, goal: atLeast(0.995) },
    { figure: 'KS distance to exponential', digits: 3 },
    { figure: 'dispersion of 100 ms counts', digits: 2 },
    { figure: 'send lag said, p50, ms', digits: 3 },
    { figure: 'send lag said, p99, ms', digits: 3 },
    { figure: 'TTFT said, mean, ms', digits: 2 },
    { figure: 'TTFT error, mean, ms', digits: 2 },
    { figure: 'TTFT true, p99, ms', digits: 2 },
    { figure: 'ITL said, mean, ms', digits: 3 },
    ...ground,
    ...disturbance,
  ],
  freeze: [
    { figure: 'E2E p99 said, ms', digits: 0 },
    { figure: 'E2E p99 simulated, ms', digits: 0 },
    { figure: 'E2E p99 said / simulated', digits: 3 },
    { figure: 'peak in flight', digits: 0 },
    { figure: 'requests', digits: 0 },
    { figure: 'failed', digits: 0 },
  ],
  start: [
    { figure: 'start to first request of any kind, s', digits: 2 },
    { figure: 'start to first measured request, s', digits: 2 },
    { figure: 'start to last first send, s', digits: 2 },
    { figure: 'whole run, s', digits: 2 },
  ],
  coalesced: [
    { ...cpu, goal: { text: '< Rust, <= 1/15 Python', met: cheaperThanPeers } },
    ...ground,
    { figure: 'peak memory, MB', digits: 0 },
    { figure: 'mock: core busy, %', digits: 0 },
  ],
  throughput: [
    {
      figure: 'tokens/s at the server',
      digits: 0,
      goal: {
        text: '>= 0.95 C',
        met: (ours, peers) =>
          peers['c-reader'] === undefined ? null : ours >= 0.95 * peers['c-reader'],
      },
    },
    ...ground.filter(({ figure }) => figure !== 'tokens/s at the server'),
    { figure: 'in flight reached', digits: 1 },
    { figure: 'mock: core busy, %', digits: 0 },
  ],
};

function cheaperThanPeers(ours: number, peers: Readonly<Record<string, number>>): boolean | null {
  const rust = peers['vllm-bench'];
  const python = peers['vllm-serve'];
  if (rust === undefined && python === undefined) return null;
  return ours < (rust ?? Infinity) && ours <= (python ?? Infinity) / 15;
}

export function tableRows(measure: string, cell: string): Row[] {
  return (rowsOf[measure] ?? []).map((row) => {
    const goal = goals[cell]?.[row.figure];
    return goal === undefined ? row : { ...row, goal };
  });
}

/** What "keeps up" means in the ladder: E2E off by <= 10 ms, ITL by <= 5 ms, >= 97 % in flight. */
export function keepsUp(figures: Figures, streams: number): boolean {
  return (
    Math.abs(figures['E2E error, mean, ms'] ?? Infinity) <= 10 &&
    (figures['ITL error, each token, p99, ms'] ?? Infinity) <= 5 &&
    (figures['in flight reached'] ?? 0) >= 0.97 * streams
  );
}
