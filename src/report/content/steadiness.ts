import type { Envelope, GateOutcome, GateSamples } from '../../model/index.ts';
import { formatNumber, formatSeconds, formatShare, missing } from '../format.ts';
import { levelName } from '../identity.ts';
import { levelsByLoad } from './levels.ts';
import type { TableData } from './table.ts';

/** Discarded requests: what each warm-up run took. */
export function warmUpTable({ method }: Envelope): TableData | null {
  const warmUps = method?.warmUps ?? [];
  if (warmUps.length === 0) return null;
  const runs = Math.max(...warmUps.map(({ meanServiceMs }) => meanServiceMs.length));
  return {
    caption: 'Warm-up: discarded requests, mean time of each run',
    head: [
      ...['Launch', 'Requests', 'In flight', 'Failed'],
      ...Array.from({ length: runs }, (_, i) => `Run ${i + 1}, ms`),
    ],
    rows: warmUps.map(
      ({ launch, runs: asked, requestsPerRun, inFlight, failed, meanServiceMs }) => [
        String(launch),
        `${asked} × ${requestsPerRun}`,
        String(inFlight),
        String(failed),
        ...Array.from({ length: runs }, (_, i) => formatNumber(meanServiceMs[i])),
      ],
    ),
  };
}

/** Gate (a) of each launch and gate (b) of each level. */
export function gateTable({ method, levels }: Envelope): TableData | null {
  const several = (method?.gates ?? []).length > 1;
  const rows = [
    ...(method?.gates ?? []).map((gate, i) =>
      gateRow(several ? `Server warm, launch ${i + 1}` : 'Server warm', gate),
    ),
    ...levels.flatMap((level) =>
      level.leadIn === undefined ? [] : [gateRow(`Lead-in at ${levelName(level)}`, level.leadIn)],
    ),
  ];
  if (rows.length === 0) return null;
  return {
    caption: 'Gates: what was waited for before anything was counted',
    head: ['Gate', 'Passed', 'Requests', 'Time', 'CoV TTFT', 'CoV TPOT', 'Why'],
    rows,
  };
}

/** What gate (a) saw of each launch, request by request; none where the result does not have it. */
export interface WarmTrace {
  name: string;
  gate: GateOutcome;
  samples: GateSamples;
}

export function warmTraces({ method }: Envelope): WarmTrace[] {
  const gates = method?.gates ?? [];
  return gates.flatMap((gate, i) => {
    const { samples } = gate;
    if (samples === undefined || samples.ttftMs.length === 0) return [];
    return [{ name: gates.length > 1 ? `launch ${i + 1}` : '', gate, samples }];
  });
}

/** One row a request. */
export function warmTraceTable({ samples }: WarmTrace, caption: string): TableData {
  return {
    caption,
    head: ['Request', 'TTFT, ms', 'TPOT, ms'],
    rows: samples.ttftMs.map((ttft, i) => [
      String(i + 1),
      formatNumber(ttft),
      formatNumber(samples.tpotMs[i]),
    ]),
  };
}

function gateRow(name: string, gate: GateOutcome): string[] {
  return [
    name,
    gate.passed ? 'yes' : 'no',
    String(gate.requests),
    formatSeconds(gate.elapsedS),
    formatShare(gate.ttftCov),
    formatShare(gate.tpotCov),
    gate.reason,
  ];
}

/** Whether each level was steady and kept up. */
export function steadyTable(envelope: Envelope): TableData | null {
  const levels = levelsByLoad(envelope);
  if (!levels.some(({ steady, keepingUp }) => steady !== undefined || keepingUp !== undefined)) {
    return null;
  }
  const words = { 'keeps-up': 'yes', 'falls-behind': 'no', unknown: 'unknown' } as const;
  return {
    caption: 'Steady window by MSER-5 over TTFT, and completions against arrivals',
    head: ['Load', 'Steady', 'Would cut', 'Arrived', 'Completed', 'In-flight trend', 'Keeps up'],
    rows: levels.map((level) => {
      const { steady, keepingUp: keeping } = level;
      const trend = keeping?.inFlightTrendPerS ?? null;
      return [
        levelName(level),
        steady === undefined ? missing : steady.steady ? 'yes' : 'no',
        steady === undefined ? missing : `${steady.cutRequests} (${formatShare(steady.cutShare)})`,
        formatNumber(keeping?.arrivals),
        formatNumber(keeping?.completions),
        trend === null
          ? missing
          : `${trend > 0 ? '+' : ''}${formatNumber(trend)} /s (p ${formatNumber(keeping?.trendP)})`,
        keeping === undefined ? missing : words[keeping.verdict],
      ];
    }),
  };
}
