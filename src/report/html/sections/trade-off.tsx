import type { Envelope, LevelSummary } from '../../../model/index.ts';
import { searchLevels } from '../../content/levels.ts';
import { batchTable } from '../../content/search.ts';
import { formatNumber } from '../../format.ts';
import { loadName } from '../../identity.ts';
import { throughputSentence } from '../../metric-names.ts';
import { marksCaption, metricPoints, seriesInWords } from '../chart-points.ts';
import { type ChartPoint, type ChartSeries, LevelChart } from '../charts/level-chart.tsx';
import type { PageSection } from '../document.tsx';
import { DataTable, Figure } from '../figure.tsx';

const throughput = ({ metrics }: LevelSummary) => {
  const rate = metrics.values.throughput_tok_s;
  return typeof rate === 'number' ? rate : null;
};

/** What throughput costs each user, and what batching gives. */
export function tradeOffSection(envelope: Envelope): PageSection | null {
  const levels = searchLevels(envelope);
  const table = batchTable(levels);
  const points = metricPoints(levels, 'itl_p50_ms', throughput);
  if (table === null || points.length === 0) return null;
  return {
    ...{ id: 'trade-off', title: 'Throughput and what it costs', short: 'Trade-off' },
    body: (
      <>
        {levels.length > 1 && (
          <div class="figures">
            <ThroughputFigure levels={levels} />
            <BatchFigure levels={levels} />
          </div>
        )}
        <DataTable {...table} />
      </>
    ),
  };
}

/** Open and closed loop are lines of their own; a single kind needs no name. */
function byKind(
  levels: readonly LevelSummary[],
  pointsOf: (some: readonly LevelSummary[]) => ChartPoint[],
): ChartSeries[] {
  const looks = [
    { kind: 'open', className: 's-p50', marker: 'circle' },
    { kind: 'closed', className: 's-plain', marker: 'square' },
  ] as const;
  const all = looks
    .map(({ kind, className, marker }): ChartSeries => {
      const some = levels.filter(({ load }) => load.kind === kind);
      return { name: kind, className, marker, points: pointsOf(some) };
    })
    .filter(({ points }) => points.length > 0);
  return all.length > 1 ? all : all.map((series) => ({ ...series, name: '' }));
}

function ThroughputFigure({ levels }: { levels: readonly LevelSummary[] }) {
  const best = levels.reduce((a, b) => ((throughput(b) ?? 0) > (throughput(a) ?? 0) ? b : a));
  const points = metricPoints(levels, 'itl_p50_ms', throughput);
  const series = byKind(levels, (some) =>
    metricPoints(some, 'itl_p50_ms', throughput).map((point) => ({ ...point, note: point.name })),
  );
  return (
    <Figure
      id="trade-off-itl"
      title="Gap between tokens against throughput"
      says={`Most: ${throughputSentence(best.metrics)}, at ${loadName(best)}.`}
      caption={`Each point is a level: to the right is more throughput, up is slower for each user. ${marksCaption(series, levels.length)}`}
      table={{
        caption: 'Output throughput and median gap between tokens',
        head: ['Load', 'Output tok/s', 'ITL p50, ms'],
        rows: points.map(({ name, x, y }) => [name, formatNumber(x), formatNumber(y)]),
      }}
    >
      <LevelChart
        id="trade-off-itl-chart"
        title="Median gap between tokens against output throughput"
        desc={points
          .map(({ name, x, y }) => `${name}: ${formatNumber(x)} tok/s at ${formatNumber(y)} ms.`)
          .join(' ')}
        xLabel="output throughput, tokens/s"
        yLabel="ITL p50, ms (log)"
        series={series}
        logX={false}
        ticksAtPoints={false}
      />
    </Figure>
  );
}

function BatchFigure({ levels }: { levels: readonly LevelSummary[] }) {
  const inFlight = ({ load }: LevelSummary) => load.concurrencyReached;
  const series = byKind(levels, (some) => metricPoints(some, 'throughput_tok_s', inFlight));
  const points = series.flatMap((entry) => entry.points);
  if (points.length < 2) return null;
  const xs = points.map(({ x }) => x);
  return (
    <Figure
      id="trade-off-batch"
      title="Throughput against requests in flight"
      caption={`What working on more requests at once gives: a flat line means that more only wait. ${marksCaption(series, levels.length)}`}
      table={{
        caption: 'Output throughput by mean requests in flight',
        head: ['Load', 'In flight, mean', 'Output tok/s'],
        rows: points.map(({ name, x, y }) => [name, formatNumber(x), formatNumber(y)]),
      }}
    >
      <LevelChart
        id="trade-off-batch-chart"
        title="Output throughput against requests in flight"
        desc={seriesInWords(series, 'Output throughput', 'requests in flight', 'tok/s')}
        xLabel="requests in flight, time average"
        yLabel="output tokens/s (log)"
        series={series}
        logX={Math.max(...xs) > 20 * Math.min(...xs)}
        ticksAtPoints={false}
        unit="tok/s"
      />
    </Figure>
  );
}
