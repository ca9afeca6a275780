import { render } from 'preact-render-to-string';
import type { Comparison } from '../../model/index.ts';
import { plainText } from '../format.ts';
import { Document, type PageSection } from '../html/document.tsx';
import { DataTable } from '../html/figure.tsx';
import { ratioStyles } from './ratio-chart.tsx';
import { ComparisonHeader, DoubtsSection, OthersSection, VerdictSection } from './sections.tsx';
import { toggleTable } from './tables.ts';
import { headlineText, otherRows } from './words.ts';

/** One self-contained file: no request leaves it, styles and data are inside. */
export function renderCompareHtml(comparison: Comparison): string {
  return `<!doctype html>\n${render(<Page comparison={comparison} />)}\n`;
}

function Page({ comparison }: { comparison: Comparison }) {
  const { sides, tool, comparisonId, command } = comparison;
  const toggle = toggleTable(comparison);
  const sections: PageSection[] = [
    { id: 'verdicts', title: 'Verdicts', body: <VerdictSection comparison={comparison} /> },
    ...(toggle === null
      ? []
      : [
          {
            ...{ id: 'toggle', title: 'Expected and measured' },
            body: <DataTable {...toggle} text={[1, 2]} />,
          },
        ]),
    ...(otherRows(comparison).length === 0
      ? []
      : [
          {
            ...{ id: 'others', title: 'Other metrics' },
            body: <OthersSection comparison={comparison} />,
          },
        ]),
    {
      ...{ id: 'doubts', title: 'Findings and differences', short: 'Findings' },
      body: <DoubtsSection comparison={comparison} />,
    },
    {
      ...{ id: 'command', title: 'Command' },
      body: (
        <div class="command">
          <pre>{plainText(command.argv.join(' '))}</pre>
        </div>
      ),
    },
  ];
  return (
    <Document
      title={`${headlineText(comparison)} · InferenceBench`}
      name={sides.map(({ label }) => label).join(' against ')}
      header={<ComparisonHeader comparison={comparison} />}
      sections={sections}
      footer={
        <>
          inferencebench {tool.version} · comparison <span class="mono">{comparisonId}</span> · this
          page holds its data as JSON in <span class="mono">#comparison</span>
        </>
      }
      data={{ id: 'comparison', value: comparison }}
      styles={ratioStyles}
    />
  );
}
