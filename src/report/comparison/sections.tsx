import type { Comparison } from '../../model/index.ts';
import { DataTable, Figure } from '../html/figure.tsx';
import { RatioChart } from './ratio-chart.tsx';
import { blockTable, metricTable, mismatchTable, sideFacts } from './tables.ts';
import {
  designText,
  gateText,
  headlineText,
  legendText,
  otherRows,
  primaryRows,
  shortVerdict,
  verdictText,
  verdictTone,
} from './words.ts';

/** Who was compared, and the answer. */
export function ComparisonHeader({ comparison }: { comparison: Comparison }) {
  const { comparisonId, startedAt, status, error } = comparison;
  const gate = gateText(comparison);
  const tone = { good: 'good', bad: 'bad', warn: 'warn', plain: '' };
  return (
    <>
      <p class="kicker">
        InferenceBench comparison <span class="mono">{comparisonId}</span>
      </p>
      <h1>{headlineText(comparison)}</h1>
      {sideFacts(comparison).map(([label, text]) => (
        <p class="sub">
          <strong>{label}</strong> {text}
        </p>
      ))}
      <p class="sub">
        {designText(comparison)} · {startedAt.slice(0, 16).replace('T', ' ')} UTC
      </p>
      <ul class="chips" aria-label="Verdicts">
        {primaryRows(comparison).map((row) => (
          <li class={`chip ${tone[verdictTone(row)]}`}>
            {row.title}: {shortVerdict(row)}
          </li>
        ))}
        {gate !== null && <li class={`chip ${tone[gate.tone]}`}>{gate.text}</li>}
      </ul>
      {status !== 'complete' && (
        <p class="banner">
          <strong>{status === 'partial' ? 'Partial.' : 'Failed.'}</strong> Not every block was
          measured.
        </p>
      )}
      {error && (
        <p class="banner bad">
          <strong>{error.code}.</strong> {error.message} {error.hint}
        </p>
      )}
    </>
  );
}

/** The chart of ratios, and what each verdict rests on. */
export function VerdictSection({ comparison }: { comparison: Comparison }) {
  const rows = primaryRows(comparison);
  const floors = rows.some(({ noiseFloor }) => noiseFloor !== null);
  const notes = [...new Set(rows.flatMap(({ wilcoxon }) => wilcoxon.note ?? []))];
  return (
    <>
      <Figure
        id="ratios"
        title="Change of B against A"
        caption={`Ring: geometric mean; bar: 95 % interval; small rings: single blocks; band: the margin of equivalence${floors ? '; dotted: A against itself' : ''}.`}
        table={blockTable(comparison, rows)}
        wide
      >
        <RatioChart comparison={comparison} />
      </Figure>
      <DataTable
        {...metricTable('Metrics named before the run', rows, [
          ...(['metric', 'a', 'b', 'change', 'interval', 'p', 'pHolm'] as const),
          ...([
            'wilcoxon',
            'detectable',
            ...(floors ? (['floor'] as const) : []),
            'values',
          ] as const),
        ])}
      />
      <ul class="verdict-words">
        {rows.map((row) => (
          <li>
            <strong>{row.title}:</strong> {verdictText(row)}.
          </li>
        ))}
      </ul>
      {notes.length > 0 && <p class="note">Wilcoxon: {notes.join('; ')}.</p>}
      <p class="note">{legendText(comparison)}</p>
    </>
  );
}

/** Metrics that were not named before: no verdict, so no p-value. */
export function OthersSection({ comparison }: { comparison: Comparison }) {
  return (
    <DataTable
      {...metricTable(
        'For orientation: not part of the verdict, so not corrected for their number',
        otherRows(comparison),
        ['metric', 'a', 'b', 'change', 'interval', 'detectable'],
      )}
    />
  );
}

/** Findings, and where the contexts of the sides differ. */
export function DoubtsSection({ comparison }: { comparison: Comparison }) {
  const { findings } = comparison;
  const mismatches = mismatchTable(comparison);
  return (
    <>
      {findings.length === 0 && <p>Nothing was found that would put these verdicts in doubt.</p>}
      <ul class="findings">
        {findings.map(({ severity, code, message }) => (
          <li class={severity}>
            <p>
              <span class="severity">{severity}</span> <span class="mono">{code}</span>
            </p>
            <p>{message}</p>
          </li>
        ))}
      </ul>
      {mismatches && <DataTable {...mismatches} text={[1, 2]} />}
    </>
  );
}
