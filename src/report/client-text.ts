import type { ErrorFigures, Selftest, SelftestLevel } from '../model/index.ts';

/** What the selftest of this host found, in one line; null where there is none. */
export function selftestLine(selftest: Selftest | null): string | null {
  if (selftest === null) return null;
  const { maxTokensPerS, levels, transport, at } = selftest;
  const kept = levels.filter((level) => level.keptUp);
  const closed = kept.filter((level) => level.inFlightAsked !== null).at(-1);
  const open = kept.filter((level) => level.inFlightAsked === null).at(-1);
  const parts = [
    maxTokensPerS === null ? 'kept up at no level' : `keeps up with ${maxTokensPerS} tok/s or more`,
    ...(closed === undefined ? [] : [`at ${closed.load} ${selftestErrors(closed)}`]),
    ...(open === undefined ? [] : [`at ${open.load} sends ${late(open.send)}`]),
  ];
  return `${parts.join('; ')} (mean / p99; ${transport}, ${at.slice(0, 10)})`;
}

/** How far the client was off the server's own stamps at one level, mean / p99. */
function selftestErrors(level: SelftestLevel): string {
  return `TTFT off by ${pair(level.ttft)} ms, ITL ${pair(level.itl)} ms, E2E ${pair(level.e2e)} ms`;
}

const late = (send: ErrorFigures) => `late by ${pair(send)} ms`;
const pair = ({ meanMs, p99Ms }: ErrorFigures) => `${two(meanMs)} / ${two(p99Ms)}`;
const two = (value: number | null) => (value === null ? '—' : value.toFixed(2));
