import type { Envelope } from '../../../model/index.ts';
import { levelAt } from '../../content/levels.ts';
import { devicesTable, machineTable } from '../../content/machines.ts';
import {
  checklistTable,
  clientBoundsTable,
  costTable,
  selftestTable,
} from '../../content/trust.ts';
import { levelName } from '../../identity.ts';
import type { PageSection } from '../document.tsx';
import { DataTable } from '../figure.tsx';

const icons: Readonly<Record<string, string>> = { pass: '✓', fail: '✕', unknown: '?' };

/** The article's ten rows: what each asks, whether this run has it, and the fact that decides. */
export function checklistSection(envelope: Envelope): PageSection | null {
  const table = checklistTable(envelope);
  if (table === null) return null;
  return {
    ...{ id: 'checklist', title: 'Checklist', short: 'Checklist' },
    body: (
      <div class="scroll checks" tabIndex={0} role="region" aria-label={table.caption}>
        <table>
          <caption class="hidden">{table.caption}</caption>
          <thead>
            <tr>
              {table.head.map((cell) => (
                <th scope="col">{cell}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map(([id, asks, verdict = 'unknown', fact]) => (
              <tr>
                <th scope="row">{id}</th>
                <td>{asks}</td>
                <td class={`verdict ${verdict}`}>
                  <span aria-hidden="true">{icons[verdict]} </span>
                  {verdict}
                </td>
                <td>{fact}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    ),
  };
}

/** What the client adds to these numbers, and what it was found able to do. */
export function clientSection(envelope: Envelope): PageSection | null {
  const bounds = clientBoundsTable(envelope, (index) => {
    const level = levelAt(envelope, index);
    return level === null ? String(index) : levelName(level);
  });
  const selftest = selftestTable(envelope);
  const machine = machineTable(envelope);
  const { verdict, reason } = envelope.client;
  if (bounds === null && selftest === null && verdict === null) return null;
  return {
    ...{ id: 'client', title: 'What the client adds', short: 'Client' },
    body: (
      <>
        {verdict !== null && (
          <p class="lede">
            <strong>{verdict}:</strong> {reason}
          </p>
        )}
        {bounds && <DataTable {...bounds} />}
        {machine && <DataTable {...machine} />}
        {selftest ? (
          <DataTable {...selftest} />
        ) : (
          <p class="note">
            No selftest of this host is on record; <span class="mono">bench selftest</span> measures
            the client against a server whose truth is known.
          </p>
        )}
      </>
    ),
  };
}

export function costSection(envelope: Envelope): PageSection | null {
  if (envelope.levels.length === 0) return null;
  const devices = devicesTable(envelope);
  return {
    ...{ id: 'cost', title: 'Cost and energy', short: 'Cost' },
    body: (
      <>
        <DataTable {...costTable(envelope)} captionHidden text={[2]} />
        {devices && <DataTable {...devices} text={[1, 7]} />}
      </>
    ),
  };
}
