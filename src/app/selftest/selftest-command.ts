import { BenchError, ExitCode, type Host } from '../../core/index.ts';
import { describeEnvironment, packageVersion } from '../../host/index.ts';
import type { Selftest, SelftestLevel } from '../../model/index.ts';
import { createPlainReporter } from '../../report/index.ts';
import { engineContext } from '../open-target.ts';
import type { SelftestSettings } from '../settings.ts';
import { measureSelftest, type SelftestLoad } from './run-selftest.ts';
import { writeSelftest } from './selftest-cache.ts';

/** Streams of 50 tok/s each, ascending; then sends alone. Under a minute in all. */
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
 */
export async function runSelftest(settings: SelftestSettings, host: Host): Promise<ExitCode> {
  const reporter = createPlainReporter(host.stderr);
  const stop = new AbortController();
  const off = host.onInterrupt(() =>
    stop.abort(new BenchError('INTERRUPTED', 'Interrupted during the selftest.')),
  );
  try {
    const environment = await describeEnvironment();
    const { levels, transport } = await measureSelftest(loadsOf(settings), {
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
      maxTokensPerS: kept.length === 0 ? null : Math.max(...kept),
    };
    // A load of one's own says nothing about the host in general.
    const path = isLadder(settings)
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
    selftest.maxTokensPerS === null
      ? 'This client did not keep up at any level: the machine is too busy to measure from.'
      : `This client keeps up with at least ${selftest.maxTokensPerS} tok/s on this host (E2E error <= 10 ms, ITL p99 error <= 5 ms, >= 97 % in flight).`;
  return `${[
    `Error of the client against the server's own stamps, ms (transport ${selftest.transport}, ${selftest.cpuCount} CPUs shared with the server)`,
    line(head),
    ...rows.map(line),
    max,
  ].join('\n')}\n`;
}
