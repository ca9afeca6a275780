import type { Envelope, LevelSummary } from '../../../model/index.ts';
import { searchLevels } from '../../content/levels.ts';
import { formatNumber } from '../../format.ts';
import { levelName } from '../../identity.ts';
import { marksCaption, metricPoints, seriesInWords } from '../chart-points.ts';
import { type ChartSeries, LevelChart } from '../charts/level-chart.tsx';
import type { PageSection } from '../document.tsx';
import { Figure } from '../figure.tsx';

/** What was offered, where that was decided; else what came of it. */
const rateOf = (level: LevelSummary) =>
  level.load.kind === 'open' ? level.load.rateRps : completed(level);

const completed = ({ metrics }: LevelSummary) => {
  const rate = metrics.values.requests_per_s;
  return typeof rate === 'number' ? rate : null;
};

/** Both ways of loading the server on one axis, where a result has both. */
export function openClosedSection(envelope: Envelope): PageSection | null {
  const levels = searchLevels(envelope);
  const open = levels.filter(({ load }) => load.kind === 'open');
  const closed = levels.filter(({ load }) => load.kind === 'closed');
  if (open.length === 0 || closed.length === 0) return null;
  return {
    ...{ id: 'open-closed', title: 'Open loop against closed loop', short: 'Closed loop' },
    body: (
      <div class="figures">
        <BothLoops {...{ open, closed }} family="ttft" what="TTFT" title="Time to first token" />
        <BothLoops {...{ open, closed }} family="e2e" what="E2E" title="Whole response" />
      </div>
    ),
  };
}

function BothLoops(props: {
  open: readonly LevelSummary[];
  closed: readonly LevelSummary[];
  family: 'ttft' | 'e2e';
  what: string;
  title: string;
}) {
  const { open, closed, family, what, title } = props;
  const [p50, p99] = [`${family}_p50_ms`, `${family}_p99_ms`];
  const series = (
    [
      ['open p50', open, p50, 's-p50', 'circle'],
      ['open p99', open, p99, 's-p99', 'triangle'],
      ['closed p50', closed, p50, 's-plain', 'square'],
    ] as const
  ).map(
    ([name, of, key, className, marker]): ChartSeries => ({
      ...{ name, className, marker },
      points: metricPoints(of, key, rateOf),
    }),
  );
  if (series.every(({ points }) => points.length === 0)) return null;
  const label = 'requests/s: offered (open), completed (closed)';
  const id = `open-closed-${family}`;
  return (
    <Figure
      id={id}
      title={`${title} under both kinds of load`}
      says={
        family === 'ttft'
          ? 'A closed loop waits for replies before it sends again, so its queue cannot grow: near capacity it looks faster than what users would meet.'
          : ''
      }
      caption={`An open loop over the rate that was offered, a closed one over the rate that came of it. ${marksCaption(series, Math.min(open.length, closed.length))}`}
      table={{
        caption: `${what}, ms, by rate`,
        head: ['Load', 'Completed, req/s', `${what} p50`, `${what} p99`],
        rows: [...open, ...closed].map((level) => [
          levelName(level),
          formatNumber(completed(level)),
          formatNumber(level.metrics.values[p50]),
          formatNumber(level.metrics.values[p99]),
        ]),
      }}
    >
      <LevelChart
        id={`${id}-chart`}
        title={`${what}, open loop against closed loop`}
        desc={seriesInWords(series, what, label)}
        xLabel={label}
        yLabel={`${what}, ms (log)`}
        series={series}
        logX={false}
      />
    </Figure>
  );
}
