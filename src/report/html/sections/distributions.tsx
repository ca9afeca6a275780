import { attainmentCurve } from '../../../metrics/index.ts';
import type { Envelope, LevelRun, LevelSummary } from '../../../model/index.ts';
import { searchLevels, slosOf, sustainedLevel, thinLevels } from '../../content/levels.ts';
import { type EcdfPoint, ecdfQuantile, weightedEcdf } from '../../ecdf.ts';
import { formatNumber, formatShare } from '../../format.ts';
import { headlineLevel, levelName } from '../../identity.ts';
import { itlSamples, type Samples, samplingNote, ttftSamples } from '../../level-samples.ts';
import { AttainmentChart, EcdfChart, type ShareSeries } from '../charts/ecdf-chart.tsx';
import { type Limit, mergeLimits } from '../charts/limits.tsx';
import { levelClass, levelDash, mostLevels } from '../charts/palette.ts';
import type { PageSection } from '../document.tsx';
import { Figure } from '../figure.tsx';

const tableShares = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];

interface Shown {
  level: LevelSummary;
  run: LevelRun;
  look: Omit<ShareSeries, 'points'>;
}

/** Where the mass lies, and what share of requests any threshold would hold. */
export function distributionSection(
  envelope: Envelope,
  runs: readonly LevelRun[],
): PageSection | null {
  const { shown, leftOut } = levelsShown(envelope, runs);
  const ttft = drawEcdfs(shown, ttftSamples);
  const itl = drawEcdfs(shown, itlSamples);
  if (ttft.series.length + itl.series.length === 0) return null;
  const attained = (['ttft', 'tpot'] as const).map((metric) => ({
    metric,
    series: shown.flatMap((entry) => drawAttainment(entry, metric)),
  }));
  return {
    ...{ id: 'distributions', title: 'Distributions and attainment', short: 'ECDFs' },
    body: (
      <>
        <Legend shown={shown} />
        {leftOut > 0 && (
          <p class="note">
            {shown.length} of {shown.length + leftOut} levels are drawn, evenly taken; all are in
            the tables of metrics.
          </p>
        )}
        <div class="figures">
          <EcdfFigure
            id="ecdf-ttft"
            title="Time to first token"
            what="TTFT"
            {...ttft}
            limits={limitsOf(envelope, 'ttftMs')}
          />
          <EcdfFigure id="ecdf-itl" title="Gap between tokens" what="ITL" {...itl} limits={[]} />
          {attained.map(({ metric, series }) => (
            <AttainmentFigure
              metric={metric}
              series={series}
              limits={limitsOf(envelope, `${metric}Ms`)}
              quantile={envelope.slo?.quantile ?? null}
            />
          ))}
        </div>
      </>
    ),
  };
}

/** The levels that are drawn, with their look: at most six, the headline level among them. */
function levelsShown(envelope: Envelope, runs: readonly LevelRun[]) {
  const headline = headlineLevel(envelope);
  const sustained = sustainedLevel(envelope);
  const all = searchLevels(envelope);
  for (const level of [headline, sustained]) {
    if (level !== null && !all.includes(level)) all.push(level);
  }
  const withRuns = all.flatMap((level) => {
    const run = runs.find(({ index }) => index === level.index);
    return run && run.records.length > 0 ? [{ level, run }] : [];
  });
  const keep = withRuns.find(({ level }) => level === headline) ?? null;
  const some = thinLevels(withRuns, mostLevels, keep);
  const shown = some.map(({ level, run }, i): Shown => {
    const strong = level === headline;
    const look = {
      name: `${levelName(level)}${strong && some.length > 1 ? ' (headline)' : ''}`,
      className: levelClass(i, some.length),
      dash: strong ? undefined : levelDash(i),
      strong,
    };
    return { level, run, look };
  });
  return { shown, leftOut: withRuns.length - shown.length };
}

function drawEcdfs(shown: readonly Shown[], samplesOf: (run: LevelRun) => Samples) {
  const taken: Samples[] = [];
  const series = shown.flatMap(({ run, look }): ShareSeries[] => {
    const samples = samplesOf(run);
    // A log axis has no place for 0; a gap of 0 is two tokens read at once.
    const all = weightedEcdf(samples.values);
    // Gaps of tokens that were read together would stretch the axis over decades of nothing.
    const lowest = (ecdfQuantile(all, 0.5) ?? 0) / 20;
    const from = all.findLastIndex((point) => point.x > 0 && point.x < lowest);
    const points = all.filter((point, i) => point.x > 0 && i >= from);
    const [edge] = points;
    if (edge === undefined) return [];
    const clipped = edge.x < lowest;
    if (clipped) points[0] = { x: lowest, share: edge.share };
    taken.push({ values: [], every: samples.every });
    return [{ ...look, points, clipped }];
  });
  return { series, note: samplingNote(taken) };
}

/** Thresholds spread evenly over the log of the latencies that occur. */
function drawAttainment({ run, look }: Shown, metric: 'ttft' | 'tpot'): ShareSeries[] {
  const [low, high] = [0.1, 600_000];
  const grid = spread(low, high, 160);
  const coarse = attainmentCurve(run, metric, grid);
  // Requests of one token have no TPOT and are within every limit: not where the line begins.
  const first = coarse.findIndex((share) => share > (coarse[0] as number));
  const most = coarse.at(-1) ?? 0;
  const last = coarse.findIndex((share) => share >= most);
  if (first < 0 || most === 0) return [];
  const fine = spread(
    grid[Math.max(0, first - 1)] ?? low,
    grid[Math.min(159, last + 1)] ?? high,
    200,
  );
  const shares = attainmentCurve(run, metric, fine);
  const points: EcdfPoint[] = [];
  fine.forEach((x, i) => {
    const share = shares[i] as number;
    const isNew = share !== points.at(-1)?.share;
    if (share > 0 && (isNew || i === fine.length - 1)) points.push({ x, share });
  });
  return [{ ...look, points }];
}

function spread(low: number, high: number, count: number): number[] {
  const ratio = Math.log(high / low);
  return Array.from({ length: count }, (_, i) => low * Math.exp((ratio * i) / (count - 1)));
}

function limitsOf(envelope: Envelope, key: 'ttftMs' | 'tpotMs'): Limit[] {
  return mergeLimits(
    slosOf(envelope).flatMap((slo) => {
      const value = slo[key];
      return value === null ? [] : [{ value, label: `${slo.id} ${value} ms` }];
    }),
  );
}

function EcdfFigure(props: {
  id: string;
  title: string;
  what: string;
  series: readonly ShareSeries[];
  limits: readonly Limit[];
  note: string;
}) {
  const { id, title, what, series, limits, note } = props;
  if (series.length === 0) return null;
  const rows = series.map(({ name, points }) => [
    name,
    ...tableShares.map((share) => formatNumber(ecdfQuantile(points, share))),
  ]);
  return (
    <Figure
      id={id}
      title={`${title}: distribution`}
      caption={`Successful counted requests. Steeper is steadier; a long flat top is a tail. Values below a twentieth of the median are drawn at the left edge. ${note}`}
      table={{
        caption: `${title}, ms below which a share of values lies`,
        head: ['Load', ...tableShares.map((share) => `${share * 100} %`)],
        rows,
      }}
    >
      <EcdfChart
        id={`${id}-chart`}
        title={`${title} (${what}), cumulative distribution by level`}
        desc={rows
          .map((row) => `${row[0]}: median ${row[3]} ms, 90 % within ${row[5]} ms.`)
          .join(' ')}
        xLabel={`${what}, ms (log)`}
        series={series}
        limits={limits}
      />
    </Figure>
  );
}

function AttainmentFigure(props: {
  metric: 'ttft' | 'tpot';
  series: readonly ShareSeries[];
  limits: readonly Limit[];
  quantile: number | null;
}) {
  const { metric, series, limits, quantile } = props;
  if (series.length === 0) return null;
  const what = metric.toUpperCase();
  const shares = [0.5, 0.9, 0.95, 0.99, 0.999];
  const rows = series.map(({ name, points }) => [
    name,
    ...shares.map((share) => formatNumber(ecdfQuantile(points, share))),
  ]);
  const target = quantile === null ? '' : ` Dotted: the ${formatShare(quantile)} of the SLO.`;
  return (
    <Figure
      id={`attainment-${metric}`}
      title={`Share of requests within a ${what} limit`}
      caption={`All counted requests, failures are misses: where a line crosses a limit is its attainment, whatever limit you would choose.${target}`}
      table={{
        caption: `${what} limit, ms, that a share of all requests is within`,
        head: ['Load', ...shares.map((share) => formatShare(share))],
        rows,
      }}
    >
      <AttainmentChart
        id={`attainment-${metric}-chart`}
        title={`Share of requests within a ${what} threshold, by level`}
        desc={rows
          .map((row) => `${row[0]}: 90 % within ${row[2]} ms, 99 % within ${row[4]} ms.`)
          .join(' ')}
        xLabel={`${what} limit, ms (log)`}
        series={series}
        limits={limits}
        quantile={quantile}
      />
    </Figure>
  );
}

function Legend({ shown }: { shown: readonly Shown[] }) {
  return (
    <ul class="legend" aria-label="Levels">
      {shown.map(({ look: { name, className, dash, strong } }) => (
        <li class={strong ? 'strong' : undefined}>
          <svg width="30" height="10" aria-hidden="true" class={className}>
            <line x1="0" x2="30" y1="5" y2="5" stroke-dasharray={dash} />
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
}
