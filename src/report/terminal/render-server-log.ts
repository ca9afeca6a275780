import type { JoinedSpread, ServerLogJoin } from '../../model/index.ts';
import { textTable } from '../arena/text-table.ts';
import type { TableData } from '../content/table.ts';
import { formatNumber, missing } from '../format.ts';
import { createPaint } from './paint.ts';

const shownMissing = 5;

/** A run's requests beside a server's log of them. */
export function renderServerLog(view: ServerLogJoin, log: string, color: boolean): string {
  const { sent, found, waits } = view;
  const lines = [`${found} of ${sent} requests are in ${log}.`];
  if (view.missing.length > 0) {
    const named = view.missing
      .slice(0, shownMissing)
      .map(({ requestId, outcome }) => `${requestId} (${outcome})`);
    const more = view.missing.length > named.length ? ', ...' : '';
    lines.push(`Not in it: ${named.join(', ')}${more}`);
  }
  if (waits.length === 0) {
    lines.push(
      'It gives no times (queue_ms, ttft_ms, e2e_ms) of them: there is nothing to compare.',
    );
  } else {
    lines.push('', ...textTable(waitsTable(view), createPaint(color), [1]));
  }
  for (const { name, impossible, requests } of waits) {
    if (impossible === 0) continue;
    lines.push(
      `warning: ${name} of ${impossible} of ${requests} requests was shorter for the client than by the server's log: the log's times or this client's are off.`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function waitsTable({ waits }: ServerLogJoin): TableData {
  const row = (first: string, by: string, requests: string, spread: JoinedSpread | null) => [
    ...[first, by, requests],
    ...(['minMs', 'p50Ms', 'p90Ms', 'maxMs'] as const).map((key) =>
      spread === null ? missing : formatNumber(spread[key]),
    ),
  ];
  return {
    caption: 'The same requests from both ends, ms; client from the send',
    head: ['', 'By', 'Requests', 'Min', 'p50', 'p90', 'Max'],
    rows: waits.flatMap(({ name, requests, server, client, outside }) => [
      row(name, 'server', String(requests), server),
      ...(client === null ? [] : [row('', 'client', '', client)]),
      ...(outside === null ? [] : [row('', 'network + client', '', outside)]),
    ]),
  };
}
