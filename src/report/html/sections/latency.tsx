import {
  type Envelope,
  formatRate,
  formatRealisedRate,
  type Knee,
  type LevelSummary,
} from '../../../model/index.ts';
import { searchLevels, slosOf, sustainedLevel } from '../../content/levels.ts';
import { formatInterval, formatNumber } from '../../format.ts';
import { levelName } from '../../identity.ts';
import { marksCaption, metricPoints, seriesInWords } from '../chart-points.ts';
import { type ChartSeries, LevelChart } from '../charts/level-chart.tsx';
import { type KneeMark, type Limit, mergeLimits } from '../charts/limits.tsx';
import { percentileSeries } from '../charts/palette.ts';
import type { PageSection } from '../document.tsx';
import { Figure, type TableData } from '../figure.tsx';
import { chooseLoadAxis, type LoadAxis, needsLogAxis } from '../load-axis.ts';

interface Panel {
  family: 'ttft' | 'tpot' | 'itl' | 'e2e';
  title: string;
  what: string;
  reads: string;
}

const panels: readonly Panel[] = [
  {
    ...{ family: 'ttft', title: 'Time to first token', what: 'TTFT' },
    reads: 'From the intended send, so waiting in the client counts.',
  },
  {
    ...{ family: 'itl', title: 'Gap between tokens', what: 'ITL' },
    reads: 'Pooled over all tokens of all requests (TBT).',
  },
  {
    ...{ family: 'tpot', title: 'Time per output token', what: 'TPOT' },
    reads: 'One value a request: decode time per token after the first.',
  },
  {
    ...{ family: 'e2e', title: 'Whole response', what: 'E2E' },
    reads: 'From the intended send to the last token.',
  },
];

/** What is shown of the closed loop beside an open one. */
const briefly = new Set(['ttft', 'itl']);

/** The main plot: latency over load, with intervals, limits and the knee. */
export function latencySection(envelope: Envelope): PageSection | null {
  const levels = searchLevels(envelope);
  if (levels.length === 0) return null;
  const kinds = (['open', 'closed'] as const).filter((kind) =>
    levels.some(({ load }) => load.kind === kind),
  );
  return {
    ...{ id: 'latency', title: 'Latency against load', short: 'Latency' },
    body: kinds.map((kind) => {
      const some = levels.filter(({ load }) => load.kind === kind);
      const axis = chooseLoadAxis(some);
      return (
        <>
          {kinds.length > 1 && (
            <h3 class="group">{kind === 'open' ? 'Open loop' : 'Closed loop'}</h3>
          )}
          <div class="figures">
            {panels
              .filter(({ family }) => kind === 'open' || kinds.length === 1 || briefly.has(family))
              .map((panel) => (
                <LatencyFigure
                  {...{ envelope, panel, axis, levels: some }}
                  suffix={kinds.length > 1 ? `-${kind}` : ''}
                />
              ))}
          </div>
          <p class="note">{marksNote(envelope, some, axis)}</p>
        </>
      );
    }),
  };
}

function LatencyFigure(props: {
  envelope: Envelope;
  panel: Panel;
  axis: LoadAxis;
  levels: readonly LevelSummary[];
  suffix: string;
}) {
  const { envelope, panel, axis, levels, suffix } = props;
  const { family, title, what, reads } = panel;
  const series = seriesOf(levels, family, axis);
  if (series.every((entry) => entry.points.length === 0)) return null;
  const sustained = sustainedLevel(envelope);
  const held = sustained === null ? [] : sustainedSeries(family, sustained, axis);
  const id = `curve-${family}${suffix}`;
  const knee = axis.isRate ? kneeOf(envelope, family) : null;
  return (
    <Figure
      id={id}
      title={title}
      says={crossing(envelope, family, knee)}
      caption={reads}
      table={tableOf(
        sustained === null ? levels : [...levels, sustained],
        family,
        `${title}, ms, with 95 % intervals`,
      )}
    >
      <LevelChart
        id={`${id}-chart`}
        title={`${title} (${what}) against load`}
        desc={seriesInWords([...series, ...held], what, axis.label)}
        xLabel={axis.label}
        yLabel={`${what}, ms (log)`}
        series={[...series, ...held]}
        limits={limitsOf(envelope, family)}
        knee={knee && kneeMark(envelope, knee)}
        logX={needsLogAxis(levels, axis)}
      />
    </Figure>
  );
}

/** What the marks in these figures mean, said once. */
function marksNote(envelope: Envelope, levels: readonly LevelSummary[], axis: LoadAxis): string {
  const all = panels.flatMap(({ family }) => seriesOf(levels, family, axis));
  const knees = axis.isRate ? (envelope.method?.sweep?.knees ?? []) : [];
  return [
    marksCaption(all, levels.length),
    axis.isRate && sustainedLevel(envelope) !== null ? 'Diamonds: the sustained run.' : '',
    knees.some(({ failRps }) => failRps !== null)
      ? 'Grey: between the last rate that holds and the first that fails.'
      : '',
  ].join(' ');
}

function seriesOf(levels: readonly LevelSummary[], family: string, axis: LoadAxis): ChartSeries[] {
  return percentileSeries.map(({ stat, className, marker }) => ({
    ...{ name: stat, className, marker },
    points: metricPoints(levels, `${family}_${stat}_ms`, axis.valueOf),
  }));
}

function sustainedSeries(family: string, level: LevelSummary, axis: LoadAxis): ChartSeries[] {
  return percentileSeries
    .map(({ stat, className }) => ({
      ...{ name: `${stat}, sustained`, className, marker: 'diamond' as const, joined: false },
      points: metricPoints([level], `${family}_${stat}_ms`, axis.valueOf),
    }))
    .filter(({ points }) => points.length > 0);
}

/** Limits on this latency, of every SLO asked for. */
function limitsOf(envelope: Envelope, family: string): Limit[] {
  const key = `${family}Ms` as 'ttftMs' | 'tpotMs' | 'e2eMs';
  return mergeLimits(
    slosOf(envelope).flatMap((slo) => {
      const value = slo[key] ?? null;
      return value === null ? [] : [{ value, label: `${slo.id} ${value} ms` }];
    }),
  );
}

/** The knee of the first SLO's limit on this latency, else of another's, else of the SLO as a whole. */
function kneeOf(envelope: Envelope, family: string): HeldKnee | null {
  const knees = envelope.method?.sweep?.knees ?? [];
  const id = envelope.slo?.id ?? 'keeps-up';
  const knee =
    knees.find(({ criterion }) => criterion === `${id}:${family}`) ??
    knees.find(({ criterion }) => criterion.endsWith(`:${family}`)) ??
    knees.find(({ criterion }) => criterion === id);
  if (!knee || knee.maxRateRps === null) return null;
  return { ...knee, maxRateRps: knee.maxRateRps };
}

type HeldKnee = Knee & { maxRateRps: number };

/** It stands where its level does, at the planned rate; its name is what arrived there. */
function kneeMark({ slo }: Envelope, knee: HeldKnee): KneeMark {
  const id = slo?.id ?? 'keeps-up';
  const of = knee.criterion.includes(':') ? '' : ` (${id === 'keeps-up' ? 'keeps up' : id})`;
  const planned = `${formatRate(knee.maxRateRps)} planned`;
  const label =
    typeof knee.offeredRps === 'number'
      ? [`knee ${formatRate(knee.offeredRps)}${of}`, planned]
      : [`knee ${planned}${of}`];
  return { at: knee.maxRateRps, failAt: knee.failRps, label };
}

function crossing(envelope: Envelope, family: string, knee: HeldKnee | null): string {
  const limit = limitsOf(envelope, family).find(({ label }) =>
    label.includes(envelope.slo?.id ?? '\0'),
  );
  if (!limit || !knee) return '';
  const until = `Within ${limit.value} ms up to ${formatRealisedRate(knee.offeredRps, knee.maxRateRps)}`;
  return knee.failRps === null || knee.failedBy === 'invalid'
    ? `${until}; no tried rate is over it.`
    : `${until}, over it at ${formatRealisedRate(knee.failOfferedRps, knee.failRps)}.`;
}

const tableStats = ['p50', 'p90', 'p99'];

function tableOf(levels: readonly LevelSummary[], family: string, caption: string): TableData {
  return {
    caption,
    head: ['Load', ...tableStats],
    rows: levels.map((level) => [
      levelName(level),
      ...tableStats.map((stat) => {
        const key = `${family}_${stat}_ms`;
        const { values, intervals, flags } = level.metrics;
        const flag = flags[key] === 'low-n' ? ' (low n)' : '';
        return `${formatNumber(values[key])}${formatInterval(intervals[key])}${flag}`;
      }),
    ]),
  };
}
