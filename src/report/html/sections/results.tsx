import type { Envelope } from '../../../model/index.ts';
import { attainmentTable, maxLoadTable } from '../../content/max-load.ts';
import { resultsTable } from '../../content/results.ts';
import type { PageSection } from '../document.tsx';
import { DataTable } from '../figure.tsx';

/** The highest load within each limit: what capacity planning needs. */
export function maxLoadSection(envelope: Envelope): PageSection | null {
  const knees = maxLoadTable(envelope);
  const attained = attainmentTable(envelope);
  if (knees === null && attained === null) return null;
  return {
    ...{ id: 'max-load', title: 'Highest load within each limit', short: 'Max load' },
    body: (
      <>
        {knees && <DataTable {...knees} text={[4]} />}
        {attained &&
          (knees === null ? (
            <DataTable {...attained} />
          ) : (
            <details class="more">
              <summary>Requests within each SLO, level by level</summary>
              <DataTable {...attained} />
            </details>
          ))}
      </>
    ),
  };
}

/** Metric, value and the condition it was measured under, as the methodology article asks. */
export function resultsSection(envelope: Envelope): PageSection | null {
  const table = resultsTable(envelope);
  if (table === null) return null;
  return {
    ...{ id: 'results', title: 'Results and their measurement condition', short: 'Results' },
    body: <DataTable {...table} text={[2]} />,
  };
}
