import type { Envelope, LevelRun } from '../../../model/index.ts';
import { ecdfQuantile, weightedEcdf } from '../../ecdf.ts';
import { formatNumber } from '../../format.ts';
import { levelName } from '../../identity.ts';
import { itlSamples, ttftSamples } from '../../level-samples.ts';
import { EcdfChart, type EcdfSeries } from '../charts/ecdf-chart.tsx';
import { levelColor, levelDash } from '../charts/palette.ts';
import { Figure } from '../figure.tsx';

const tableShares = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];

/** Where the mass lies: cumulative distributions of TTFT and ITL, one line a level. */
export function DistributionSection(props: { envelope: Envelope; runs: readonly LevelRun[] }) {
  const { envelope, runs } = props;
  const { slo } = envelope;
  const limit = slo?.ttftMs == null ? null : { value: slo.ttftMs, label: `SLO ${slo.ttftMs} ms` };
  const ttft = seriesOf(envelope, runs, ttftSamples);
  const itl = seriesOf(envelope, runs, itlSamples);
  if (ttft.length + itl.length === 0) return null;
  return (
    <section aria-labelledby="distribution-heading">
      <h2 id="distribution-heading">Distributions</h2>
      <Legend series={ttft.length > 0 ? ttft : itl} />
      <div class="figures">
        <EcdfFigure
          id="ecdf-ttft"
          title="Time to first token"
          what="TTFT"
          series={ttft}
          limit={limit}
        />
        <EcdfFigure id="ecdf-itl" title="Gap between tokens" what="ITL" series={itl} limit={null} />
      </div>
    </section>
  );
}

function EcdfFigure(props: {
  id: string;
  title: string;
  what: string;
  series: readonly EcdfSeries[];
  limit: { value: number; label: string } | null;
}) {
  const { id, title, what, series, limit } = props;
  if (series.length === 0) return null;
  const rows = series.map(({ name, points }) => [
    name,
    ...tableShares.map((share) => formatNumber(ecdfQuantile(points, share))),
  ]);
  return (
    <Figure
      id={id}
      title={title}
      caption="Successful counted requests. Steeper is steadier; a long flat top is a tail."
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
        limit={limit}
      />
    </Figure>
  );
}

function Legend({ series }: { series: readonly EcdfSeries[] }) {
  return (
    <ul class="legend" aria-label="Levels">
      {series.map(({ name, color, dash, strong }) => (
        <li class={strong ? 'strong' : undefined}>
          <svg width="30" height="10" aria-hidden="true">
            <line x1="0" x2="30" y1="5" y2="5" stroke={color} stroke-dasharray={dash} />
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
}

function seriesOf(
  envelope: Envelope,
  runs: readonly LevelRun[],
  samplesOf: (run: LevelRun) => { x: number; weight: number }[],
): EcdfSeries[] {
  const { levels } = envelope;
  return levels.flatMap((level, i): EcdfSeries[] => {
    const run = runs.find((entry) => entry.index === level.index);
    // A log axis has no place for 0; a gap of 0 is two tokens read at once.
    const points = run ? weightedEcdf(samplesOf(run)).filter((point) => point.x > 0) : [];
    if (points.length === 0) return [];
    const isHeadline = i === envelope.headline;
    return [
      {
        name: `${levelName(level)}${isHeadline && levels.length > 1 ? ' (headline)' : ''}`,
        color: levelColor(i, levels.length),
        dash: isHeadline ? undefined : levelDash(i),
        strong: isHeadline,
        points,
      },
    ];
  });
}
