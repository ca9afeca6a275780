import type { EngineSample, LevelRun, LevelSummary } from '../../../model/index.ts';
import { formatNumber, formatShare } from '../../format.ts';
import { levelName } from '../../identity.ts';
import { LinesChart, type LinesSeries } from '../charts/lines-chart.tsx';
import { Figure } from '../figure.tsx';

/** Points of a line at most: more cannot be told apart. */
const mostPoints = 300;

/** Under a level's timeline: running, waiting and KV cache as the engine told them. */
export function EngineTime(props: {
  level: LevelSummary;
  run: LevelRun;
  samples: readonly EngineSample[];
}) {
  const { level, run, samples } = props;
  const inside = samples.filter(({ atUs }) => atUs >= run.startUs && atUs <= run.endUs);
  const step = Math.max(1, Math.ceil(inside.length / mostPoints));
  const shown = inside.filter((_, i) => i % step === 0);
  const seconds = (us: number) => (us - run.windowStartUs) / 1e6;
  const lineOf = (
    name: string,
    look: Pick<LinesSeries, 'className' | 'dash'>,
    of: (sample: EngineSample) => number | null | undefined,
  ): LinesSeries => ({
    ...{ name, ...look },
    points: shown.flatMap((sample) => {
      const y = of(sample) ?? null;
      return y === null ? [] : [{ x: seconds(sample.atUs), y }];
    }),
  });
  const requests = [
    lineOf('running', { className: 's-p50' }, ({ reading }) => reading?.running),
    lineOf('waiting', { className: 's-p99', dash: '7 3' }, ({ reading }) => reading?.waiting),
  ];
  if (requests.every(({ points }) => points.length < 2)) return null;
  const kv = lineOf('KV cache, %', { className: 's-plain' }, ({ reading }) =>
    reading?.kvUse == null ? null : 100 * reading.kvUse,
  );
  const title = `The engine at ${levelName(level)}`;
  const id = `engine-time-${level.index}`;
  const table = {
    caption: `${title}, by its own metrics`,
    head: ['Second', 'Running', 'Waiting', 'KV cache'],
    rows: shown.map(({ atUs, reading }) => [
      seconds(atUs).toFixed(1),
      formatNumber(reading?.running),
      formatNumber(reading?.waiting),
      formatShare(reading?.kvUse),
    ]),
  };
  const desc = `${shown.length} looks at the engine's gauges over the level.`;
  return (
    <Figure
      id={id}
      title={title}
      wide
      caption="By the engine's own metrics, from the level's lead-in to its last end."
      table={table}
    >
      <LinesChart
        id={`${id}-chart`}
        {...{ title, desc, series: requests }}
        xLabel="seconds since the level's window opened"
        yLabel="requests"
        wide
      />
      {kv.points.length > 1 && (
        <LinesChart
          id={`${id}-kv`}
          title={`${title}: KV cache`}
          desc={desc}
          series={[kv]}
          xLabel="seconds since the level's window opened"
          yLabel="% of the KV cache"
          wide
        />
      )}
    </Figure>
  );
}
