import type { Envelope } from '../../model/index.ts';
import { costText, usdText } from '../cost-text.ts';
import { formatNumber, type MetricValue, missing } from '../format.ts';
import type { TableData } from './table.ts';

/** The article's ten rows; null in results that were not judged by it. */
export function checklistTable({ method }: Envelope): TableData | null {
  const rows = method?.checklist ?? [];
  if (rows.length === 0) return null;
  return {
    caption: 'Checklist of the methodology article',
    head: ['Row', 'Asks', 'Verdict', 'Measured fact'],
    rows: rows.map(({ id, asks, verdict, fact }) => [id, asks, verdict, fact]),
  };
}

/** Cost and energy, measured or not, with the reason where not. */
export function costTable(envelope: Envelope): TableData {
  const { values, reasons = {} } = envelope.metrics;
  const { power } = envelope;
  const cost = envelope.method?.cost ?? null;
  const how = power?.method === undefined ? '' : `; ${power.method}`;
  const covers = `${power?.probe ?? 'a probe'}: ${power?.covers ?? 'coverage unknown'}${how}`;
  const energy = (name: string, key: string, unit: string) =>
    measured(name, values[key], unit, covers, reasons[key] ?? power?.reason ?? 'no power probe');
  const unpriced = reasons['cost_usd_per_million_tokens'] ?? 'no price was given';
  const basis = cost === null ? '' : costText(cost);
  const costs = (name: string, usd: number | null | undefined) =>
    typeof usd === 'number'
      ? [name, `${usdText(usd)} USD`, basis]
      : [name, 'not measured', cost === null ? unpriced : 'not known at this level'];
  return {
    caption: 'Cost and energy',
    head: ['Figure', 'Value', 'Basis, or why it is missing'],
    rows: [
      energy('Power, mean', 'power_avg_w', 'W'),
      energy('Energy', 'energy_j', 'J'),
      energy('Energy per output token', 'joules_per_token', 'J'),
      costs('Cost per million tokens', cost?.usdPerMillionTokens),
      costs('Cost per million output tokens', cost?.usdPerMillionOutputTokens),
      costs('Cost per hour', cost?.usdPerHour),
    ],
  };
}

function measured(
  name: string,
  value: MetricValue,
  unit: string,
  basis: string,
  reason: string,
): string[] {
  return typeof value === 'number'
    ? [name, `${formatNumber(value)} ${unit}`, basis]
    : [name, 'not measured', reason];
}

/** What `bench selftest` found on this host: the client's report against the truth. */
export function selftestTable({ client: { selftest } }: Envelope): TableData | null {
  if (selftest === null || selftest.levels.length === 0) return null;
  return {
    caption: `Selftest of ${selftest.at.slice(0, 10)} (${selftest.transport}): error against the server's own stamps, p99`,
    head: ['Load', 'tok/s', 'TTFT, ms', 'ITL, ms', 'E2E, ms', 'Send, ms', 'Kept up'],
    rows: selftest.levels.map(({ load, tokensPerS, ttft, itl, e2e, send, keptUp }) => [
      load,
      formatNumber(tokensPerS),
      ...[ttft, itl, e2e, send].map(({ p99Ms }) =>
        p99Ms === null ? missing : formatNumber(p99Ms),
      ),
      keptUp ? 'yes' : 'no',
    ]),
  };
}

/** What the client may have added to each level's numbers. */
export function clientBoundsTable(
  envelope: Envelope,
  nameOf: (index: number) => string,
): TableData | null {
  const watched = envelope.levels.filter(({ client }) => client !== null);
  if (watched.length === 0) return null;
  return {
    caption: 'Bounds of what the client itself may have added, p99 by level',
    head: ['Load', 'Verdict', 'TTFT, ms', 'ITL, ms', 'E2E, ms', 'Send lag, ms', 'Sockets'],
    rows: watched.map(({ index, client }) => [
      nameOf(index),
      client?.verdict ?? missing,
      formatNumber(client?.errorMs.ttft),
      formatNumber(client?.errorMs.itl),
      formatNumber(client?.errorMs.e2e),
      formatNumber(client?.figures.sendLag.p99Ms),
      formatNumber(client?.figures.socketsMax),
    ]),
  };
}
