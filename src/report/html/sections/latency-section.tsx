import type { Envelope, LevelSummary } from '../../../model/index.ts';
import { formatInterval, formatNumber } from '../../format.ts';
import { levelName } from '../../identity.ts';
import { type ChartPoint, type ChartSeries, LevelChart } from '../charts/level-chart.tsx';
import { percentileSeries } from '../charts/palette.ts';
import { Figure, type TableData } from '../figure.tsx';
import { chooseLoadAxis, needsLogAxis } from '../load-axis.ts';

interface Panel {
  family: 'ttft' | 'tpot' | 'itl';
  title: string;
  what: string;
  limitMs: number | null;
}

/** Latency over load, one chart a metric, and what throughput costs in latency. */
export function LatencySection({ envelope }: { envelope: Envelope }) {
  const { levels, slo } = envelope;
  if (levels.length === 0) return null;
  const axis = chooseLoadAxis(levels);
  const logX = needsLogAxis(levels, axis);
  const panels: Panel[] = [
    { family: 'ttft', title: 'Time to first token', what: 'TTFT', limitMs: slo?.ttftMs ?? null },
    { family: 'tpot', title: 'Time per output token', what: 'TPOT', limitMs: slo?.tpotMs ?? null },
    { family: 'itl', title: 'Gap between tokens', what: 'ITL', limitMs: null },
  ];
  return (
    <section aria-labelledby="latency-heading">
      <h2 id="latency-heading">Latency against load</h2>
      <div class="figures">
        {panels.map(({ family, title, what, limitMs }) => {
          const series = percentileSeries.map(({ stat, className, marker }) => ({
            name: stat,
            className,
            marker,
            points: pointsOf(levels, `${family}_${stat}_ms`, axis.valueOf),
          }));
          if (series.every((entry) => entry.points.length === 0)) return null;
          const limit =
            limitMs === null ? null : { value: limitMs, label: `SLO ${limitMs} ms (${slo?.id})` };
          return (
            <Figure
              id={`curve-${family}`}
              title={title}
              caption={captionOf(levels, series, family)}
              table={tableOf(levels, family, `${title}, ms, with 95 % intervals`)}
            >
              <LevelChart
                id={`curve-${family}-chart`}
                title={`${title} (${what}) against load`}
                desc={inWords(series, what, axis.label)}
                xLabel={axis.label}
                yLabel={`${what}, ms (log)`}
                series={series}
                limit={limit}
                logX={logX}
              />
            </Figure>
          );
        })}
        <TradeOff levels={levels} />
      </div>
    </section>
  );
}

function TradeOff({ levels }: { levels: readonly LevelSummary[] }) {
  const points = levels.flatMap((level): ChartPoint[] => {
    const { throughput_tok_s: x, itl_p50_ms: y } = level.metrics.values;
    if (typeof x !== 'number' || typeof y !== 'number' || y <= 0) return [];
    const name = levelName(level);
    return [{ ...intervalOf(level, 'itl_p50_ms'), x, y, name, note: name, doubtful: !level.valid }];
  });
  if (points.length === 0) return null;
  const rows = points.map(({ name, x, y }) => [name, formatNumber(x), formatNumber(y)]);
  return (
    <Figure
      id="trade-off"
      title="Throughput and what it costs"
      caption="Each point is a level: to the right is more throughput, up is slower for each user."
      table={{
        caption: 'Output throughput and median gap between tokens',
        head: ['Load', 'Output tok/s', 'ITL p50, ms'],
        rows,
      }}
    >
      <LevelChart
        id="trade-off-chart"
        title="Median gap between tokens against output throughput"
        desc={rows.map(([name, x, y]) => `${name}: ${x} tok/s at ${y} ms.`).join(' ')}
        xLabel="output throughput, tokens/s"
        yLabel="ITL p50, ms (log)"
        series={[{ name: 'ITL p50', className: 's-p50', marker: 'circle', points }]}
        limit={null}
        logX={false}
        nameSeries={false}
      />
    </Figure>
  );
}

function pointsOf(
  levels: readonly LevelSummary[],
  key: string,
  xOf: (level: LevelSummary) => number | null,
): ChartPoint[] {
  return levels
    .flatMap((level): ChartPoint[] => {
      const x = xOf(level);
      const y = level.metrics.values[key];
      if (x === null || typeof y !== 'number' || y <= 0) return [];
      const doubtful = !level.valid || level.metrics.flags[key] === 'low-n';
      return [{ ...intervalOf(level, key), x, y, doubtful, name: levelName(level) }];
    })
    .sort((a, b) => a.x - b.x);
}

function intervalOf(level: LevelSummary, key: string): { low: number | null; high: number | null } {
  const interval = level.metrics.intervals[key];
  return interval && interval.low !== null ? interval : { low: null, high: null };
}

function captionOf(
  levels: readonly LevelSummary[],
  series: readonly ChartSeries[],
  family: string,
): string {
  const points = series.flatMap((entry) => entry.points);
  const parts = [
    family === 'ttft' ? 'From the intended send, so waiting in the client counts.' : '',
    family === 'itl' ? 'Pooled over all tokens of all requests.' : '',
    family === 'tpot' ? 'One value a request: decode time per token after the first.' : '',
    points.some((point) => point.low !== null)
      ? `${levels.length > 1 ? 'Shaded' : 'Bars'}: 95 % interval.`
      : '',
    points.some((point) => point.doubtful) ? 'Hollow: too few requests, or level not valid.' : '',
    series.some((entry) => entry.points.length < levels.length)
      ? 'Percentiles without enough requests are left out.'
      : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function inWords(series: readonly ChartSeries[], what: string, xLabel: string): string {
  return series
    .filter((entry) => entry.points.length > 0)
    .map(({ name, points }) => {
      const values = points.map((point) => `${formatNumber(point.y)} ms at ${point.name}`);
      return `${what} ${name} over ${xLabel}: ${values.join(', ')}.`;
    })
    .join(' ');
}

function tableOf(levels: readonly LevelSummary[], family: string, caption: string): TableData {
  return {
    caption,
    head: ['Load', ...percentileSeries.map(({ stat }) => stat)],
    rows: levels.map((level) => [
      levelName(level),
      ...percentileSeries.map(({ stat }) => {
        const key = `${family}_${stat}_ms`;
        const { values, intervals, flags } = level.metrics;
        const flag = flags[key] === 'low-n' ? ' (low n)' : '';
        return `${formatNumber(values[key])}${formatInterval(intervals[key])}${flag}`;
      }),
    ]),
  };
}
