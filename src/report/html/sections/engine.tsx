import type { Envelope, LevelEngine, LevelSummary } from '../../../model/index.ts';
import {
  engineNote,
  engineTable,
  kneeCause,
  spreadTable,
  viewsTable,
} from '../../content/engine.ts';
import { searchLevels } from '../../content/levels.ts';
import { formatNumber } from '../../format.ts';
import { levelName } from '../../identity.ts';
import { LinesChart, type LinesSeries } from '../charts/lines-chart.tsx';
import type { PageSection } from '../document.tsx';
import { DataTable, Figure } from '../figure.tsx';
import { chooseLoadAxis, type LoadAxis, needsLogAxis } from '../load-axis.ts';

type Of = (engine: LevelEngine) => number | null;

/** Under the curve of latency against load: what the engine was doing there. */
export function engineSection(envelope: Envelope): PageSection | null {
  const note = engineNote(envelope);
  if (note === null) return null;
  const table = engineTable(envelope);
  const views = viewsTable(envelope);
  const spread = spreadTable(envelope);
  const cause = kneeCause(envelope);
  const levels = searchLevels(envelope).filter(({ load }) => load.kind === 'open');
  const shown = levels.length > 0 ? levels : searchLevels(envelope);
  const axis = chooseLoadAxis(shown);
  return {
    ...{ id: 'engine', title: 'What the engine says', short: 'Engine' },
    body: (
      <>
        {cause !== null && <p>{`${cause.charAt(0).toUpperCase()}${cause.slice(1)}`}</p>}
        {table !== null && (
          <>
            <div class="figures">
              <EngineFigure
                {...{ levels: shown, axis }}
                id="engine-requests"
                title="Requests at the engine"
                yLabel="requests"
                of={[
                  ['running', ({ running }) => running?.mean ?? null],
                  ['waiting', ({ waiting }) => waiting?.mean ?? null],
                ]}
              />
              <EngineFigure
                {...{ levels: shown, axis }}
                id="engine-kv"
                title="KV cache in use"
                yLabel="%"
                of={[
                  ['mean', ({ kvUse }) => (kvUse === null ? null : 100 * kvUse.mean)],
                  ['greatest', ({ kvUse }) => (kvUse === null ? null : 100 * kvUse.max)],
                ]}
              />
            </div>
            <DataTable {...table} />
          </>
        )}
        {views !== null && <DataTable {...views} text={[1]} />}
        {spread !== null && <DataTable {...spread} text={[1]} />}
        <p class="note">{note}</p>
      </>
    ),
  };
}

const looks: readonly Pick<LinesSeries, 'className' | 'dash'>[] = [
  { className: 's-p50' },
  { className: 's-p99', dash: '7 3' },
];

function EngineFigure(props: {
  id: string;
  title: string;
  yLabel: string;
  levels: readonly LevelSummary[];
  axis: LoadAxis;
  of: readonly (readonly [string, Of])[];
}) {
  const { id, title, yLabel, levels, axis, of } = props;
  const series: LinesSeries[] = of.map(([name, value], i) => ({
    name,
    ...(looks[i] ?? { className: 's-plain' }),
    points: levels
      .flatMap((level) => {
        const y = level.engine === undefined ? null : value(level.engine);
        const x = axis.valueOf(level);
        return y === null || x === null ? [] : [{ x, y, name: levelName(level) }];
      })
      .sort((a, b) => a.x - b.x),
  }));
  if (series.every(({ points }) => points.length === 0)) return null;
  const words = series
    .map(({ name, points }) => `${name} ${points.map(({ y }) => formatNumber(y)).join(', ')}`)
    .join('; ');
  return (
    <Figure
      id={id}
      title={title}
      caption="Means of the engine's own gauges over each level."
      table={{
        caption: `${title} by load, ${yLabel}`,
        head: ['Load', ...of.map(([name]) => name)],
        rows: levels.map((level) => [
          levelName(level),
          ...of.map(([, value]) =>
            formatNumber(level.engine === undefined ? null : value(level.engine)),
          ),
        ]),
      }}
    >
      <LinesChart
        id={`${id}-chart`}
        title={`${title} against load`}
        desc={words}
        xLabel={axis.label}
        yLabel={yLabel}
        series={series}
        logX={needsLogAxis(levels, axis)}
        dots
      />
    </Figure>
  );
}
