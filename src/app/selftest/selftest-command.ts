import { BenchError, ExitCode, type Host } from '../../core/index.ts';
import { describeEnvironment, packageVersion } from '../../host/index.ts';
import type { Selftest, SelftestLevel } from '../../model/index.ts';
import { createPlainReporter } from '../../report/index.ts';
import { engineContext } from '../open-target.ts';
import type { SelftestSettings } from '../settings.ts';
import {
  checkSelftestLoad,
  keptUpRule,
  measureSelftest,
  type SelftestLoad,
} from './run-selftest.ts';
import { writeSelftest } from './selftest-cache.ts';

/** Longest that the ladder takes; levels that are left then are not run. */
const ladderBudgetMs = 45_000;

/** Streams of 50 tok/s each, ascending; then sends alone. */
const ladder: SelftestLoad[] = [
  { streams: 8, rateRps: null, streamTokensPerS: 50, seconds: 4 },
  { streams: 64, rateRps: null, streamTokensPerS: 50, seconds: 4 },
  { streams: 256, rateRps: null, streamTokensPerS: 50, seconds: 4 },
  { streams: 512, rateRps: null, streamTokensPerS: 50, seconds: 4 },
  { streams: null, rateRps: 100, streamTokensPerS: 50, seconds: 4 },
  { streams: null, rateRps: 500, streamTokensPerS: 50, seconds: 3 },
];

/**
 * `bench selftest`: how exact is this client on this machine? Drives the known-truth server and
 * prints the client's error at every level; kept for the host and attached to later runs.
 *
 * @throws BenchError USAGE_TOO_LARGE, INTERRUPTED, PREREQ_SIM_PROCESS
 */
export async function runSelftest(settings: SelftestSettings, host: Host): Promise<ExitCode> {
  const loads = loadsOf(settings);
  for (const load of loads) checkSelftestLoad(load);
  const reporter = createPlainReporter(host.stderr);
  const stop = new AbortController();
  const off = host.onInterrupt((signal) =>
    stop.abort(new BenchError('INTERRUPTED', `Interrupted by ${signal} during the selftest.`)),
  );
  try {
    const environment = await describeEnvironment();
    const budgetMs = budgetOf(settings, loads);
    reporter.handle({
      kind: 'log',
      message: `selftest: ${loads.length} level${loads.length === 1 ? '' : 's'}, at most ${budgetMs / 1000} s`,
    });
    const { levels, notRun, transport } = await measureSelftest(loads, budgetMs, {
      clock: host.clock,
      emit: (event) => reporter.handle(event),
      signal: stop.signal,
      transport: settings.transport,
    });
    const kept = levels.filter((level) => level.keptUp).map((level) => level.tokensPerS);
    const selftest: Selftest = {
      schema: 'inferencebench.selftest.v1',
      at: new Date(host.clock.wallMs()).toISOString(),
      toolVersion: packageVersion(),
      hostnameHash: environment.hostnameHash,
      cpuCount: environment.cpuCount,
      transport,
      levels,
      ...(notRun.length > 0 && { notRun }),
      maxTokensPerS: kept.length === 0 ? null : Math.max(...kept),
    };
    // A load of one's own says nothing about the host in general.
    const path =
      isLadder(settings) && levels.length > 0
        ? await writeSelftest(
            engineContext(host, () => {}),
            selftest,
          )
        : null;
    if (settings.json) host.stdout.write(`${JSON.stringify(selftest, null, 2)}\n`);
    else host.stdout.write(renderSelftest(selftest));
    if (path !== null) host.stderr.write(`kept for later runs: ${path}\n`);
    return ExitCode.ok;
  } finally {
    off();
    reporter.close();
  }
}

const isLadder = (settings: SelftestSettings) =>
  settings.streams === null && settings.rate === null;

/** A load of one's own takes as long as it asks for, and the same again for all around it. */
function budgetOf(settings: SelftestSettings, loads: readonly SelftestLoad[]): number {
  const askedS = loads.reduce((sum, load) => sum + load.seconds, 0);
  return isLadder(settings) ? ladderBudgetMs : ladderBudgetMs + 2000 * askedS;
}

function loadsOf(settings: SelftestSettings): SelftestLoad[] {
  if (isLadder(settings)) return ladder;
  const { streams, rate, streamTokens: streamTokensPerS, seconds } = settings;
  return [
    ...(streams ?? []).map((n) => ({ streams: n, rateRps: null, streamTokensPerS, seconds })),
    ...(rate ?? []).map((n) => ({ streams: null, rateRps: n, streamTokensPerS, seconds })),
  ];
}

export function renderSelftest(selftest: Selftest): string {
  const ms = (value: number | null) => (value === null ? '-' : value.toFixed(2));
  const rows = selftest.levels.map((level: SelftestLevel) => [
    level.load,
    String(level.tokensPerS),
    ms(level.ttft.meanMs),
    ms(level.ttft.p99Ms),
    ms(level.itl.p99Ms),
    ms(level.e2e.meanMs),
    ms(level.send.p99Ms),
    level.inFlightAsked === null ? '-' : `${level.inFlightReached}/${level.inFlightAsked}`,
    level.keptUp ? 'yes' : 'NO',
  ]);
  const notRun = selftest.notRun ?? [];
  const head = [
    'load',
    'tok/s',
    'TTFT mean',
    'TTFT p99',
    'ITL p99',
    'E2E mean',
    'send p99',
    'in flight',
    'kept up',
  ];
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((r) => r[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ');
  const max =
    selftest.levels.length === 0
      ? 'No level ended in time: the machine is too busy to measure from.'
      : selftest.maxTokensPerS === null
        ? 'This client did not keep up at any level: the machine is too busy to measure from.'
        : `This client keeps up with at least ${selftest.maxTokensPerS} tok/s on this host.`;
  return `${[
    `Error of the client against the server's own stamps, ms (transport ${selftest.transport}, ${selftest.cpuCount} CPUs shared with the server)`,
    line(head),
    ...rows.map(line),
    ...notRun.map((load) => `${load.padEnd(widths[0] ?? 0)}  not run: time`),
    `tok/s: as received. Kept up: ${keptUpRule}.`,
    max,
  ].join('\n')}\n`;
}
