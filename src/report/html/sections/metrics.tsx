import type { Envelope, LevelSummary } from '../../../model/index.ts';
import { levelsByLoad } from '../../content/levels.ts';
import { formatInterval, formatNumber } from '../../format.ts';
import { headlineLevel, inFlightText, levelKind, levelName } from '../../identity.ts';
import {
  familyMeaning,
  formatMetric,
  intervalReason,
  latencyRows,
  unitOf,
} from '../../metric-names.ts';
import type { PageSection } from '../document.tsx';
import { DataTable } from '../figure.tsx';

const shownGroups = new Set(['TTFT', 'ITL', 'TPOT', 'E2E']);

/** All numbers: the usual ones as a table of levels, every stored key behind a fold. */
export function metricsSection(envelope: Envelope): PageSection | null {
  if (envelope.levels.length === 0) return null;
  return {
    ...{ id: 'metrics', title: 'Metrics by level', short: 'Metrics' },
    body: (
      <>
        <LevelTable envelope={envelope} />
        <p class="note">
          Brackets are 95 % intervals; <span class="low">low n</span> marks a percentile that rests
          on too few requests; — was not measured or is not defined on so little data.
        </p>
        <details class="more">
          <summary>Every metric, by its key</summary>
          <EveryMetric envelope={envelope} />
        </details>
      </>
    ),
  };
}

function LevelTable({ envelope }: { envelope: Envelope }) {
  const levels = levelsByLoad(envelope);
  const headline = headlineLevel(envelope);
  const rows = latencyRows(levels.map((level) => level.metrics)).filter(
    (row) => shownGroups.has(row.group) && row.unit === 'ms',
  );
  const groups = [...new Set(rows.map((row) => row.group))];
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Metrics by level">
      <table class="metrics">
        <caption class="hidden">Metrics by level with 95 % intervals</caption>
        <thead>
          <tr>
            <td />
            {levels.map((level) => (
              <th scope="col" class={level === headline ? 'strong' : undefined}>
                {levelName(level)}
                <span class="small">{levelKind(level)}</span>
                <span class="small">{level === headline ? 'headline' : ''}</span>
              </th>
            ))}
          </tr>
        </thead>
        {groups.map((group) => (
          <tbody>
            <tr class="group">
              <th scope="rowgroup" colSpan={levels.length + 1}>
                {group}, ms <span class="small">{familyMeaning[group]}</span>
              </th>
            </tr>
            {rows
              .filter((row) => row.group === group)
              .map((row) => (
                <tr>
                  <th scope="row">{row.stat}</th>
                  {levels.map((level) => (
                    <MetricCell level={level} metric={row.key} />
                  ))}
                </tr>
              ))}
          </tbody>
        ))}
        <LoadRows levels={levels} />
      </table>
    </div>
  );
}

function MetricCell({ level, metric }: { level: LevelSummary; metric: string }) {
  const { values, intervals, flags } = level.metrics;
  const reason = intervalReason(level.metrics, metric);
  const interval = formatInterval(intervals[metric]).trim();
  if (values[metric] == null) return <td>{formatNumber(null)}</td>;
  return (
    <td {...(reason !== '' && { title: reason })}>
      {formatNumber(values[metric])}
      {interval !== '' && <span class="interval"> {interval}</span>}
      {flags[metric] === 'low-n' && <span class="low"> low n</span>}
    </td>
  );
}

function LoadRows({ levels }: { levels: readonly LevelSummary[] }) {
  const rows: [string, (level: LevelSummary) => string][] = [
    ['Output tok/s', ({ metrics }) => formatNumber(metrics.values.throughput_tok_s)],
    ['Requests/s', ({ metrics }) => formatNumber(metrics.values.requests_per_s)],
    ['In flight', inFlightText],
    ['Succeeded', ({ metrics }) => formatNumber(metrics.values.requests_ok)],
    ['Failed', ({ metrics }) => formatNumber(metrics.values.requests_failed)],
    ['Goodput, req/s', ({ metrics }) => formatNumber(metrics.values.goodput_req_s)],
    [
      'Within the SLO',
      ({ metrics }) => formatMetric('slo_attainment', metrics.values.slo_attainment),
    ],
    ['SLO', ({ sloMet }) => (sloMet === null ? '—' : sloMet ? 'met' : 'not met')],
    ['Valid', ({ valid }) => (valid ? 'yes' : 'no')],
  ];
  return (
    <tbody>
      <tr class="group">
        <th scope="rowgroup" colSpan={levels.length + 1}>
          Load and outcome
        </th>
      </tr>
      {rows.map(([name, cell]) => (
        <tr>
          <th scope="row">{name}</th>
          {levels.map((level) => (
            <td>{cell(level)}</td>
          ))}
        </tr>
      ))}
    </tbody>
  );
}

function EveryMetric({ envelope }: { envelope: Envelope }) {
  const levels = levelsByLoad(envelope);
  const keys = [...new Set(levels.flatMap((level) => Object.keys(level.metrics.values)))];
  return (
    <DataTable
      caption="Every metric of every level"
      head={['Metric', 'Unit', ...levels.map(levelName)]}
      rows={keys.map((key) => [
        key,
        unitOf(key),
        ...levels.map(({ metrics }) => formatMetric(key, metrics.values[key])),
      ])}
    />
  );
}
