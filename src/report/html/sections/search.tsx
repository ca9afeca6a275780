import {
  type Envelope,
  formatRate,
  formatRealisedRate,
  offeredRate,
} from '../../../model/index.ts';
import {
  aggregateLoad,
  aggregatesShown,
  launchStarts,
  launchTable,
  sustainedSentence,
  sweepTrace,
  type TraceStep,
  traceTable,
} from '../../content/search.ts';
import { formatNumber } from '../../format.ts';
import { unitOf } from '../../metric-names.ts';
import { LaunchChart, type LaunchRow } from '../charts/launch-chart.tsx';
import { TraceChart } from '../charts/trace-chart.tsx';
import type { PageSection } from '../document.tsx';
import { DataTable, Figure } from '../figure.tsx';

const kinds = {
  rates: 'The rates were given.',
  article: 'The ladder of the methodology article, with its stop rules.',
  auto: 'Grown geometrically to overload, then bisected to the highest rate that meets every SLO.',
} as const;

/** How the load was found, whether it held, and what other starts of the server say. */
export function searchSection(envelope: Envelope): PageSection | null {
  const sweep = envelope.method?.sweep ?? null;
  const trace = traceTable(envelope);
  const sustained = sustainedSentence(envelope);
  const launches = launchTable(envelope);
  const starts = launchStarts(envelope);
  if (trace === null && sustained === null && launches === null && starts === null) return null;
  return {
    ...{ id: 'search', title: 'Search, sustained run and launches', short: 'Search' },
    body: (
      <>
        {sweep && (
          <p class="lede">
            {kinds[sweep.kind]} It ended because: {sweep.stopped}
          </p>
        )}
        {sustained !== null && (
          <p class="lede">
            <strong>Sustained run:</strong> {sustained}
          </p>
        )}
        <div class="figures">
          {trace && sweepTrace(envelope).length > 1 && <Trace envelope={envelope} />}
          <Launches envelope={envelope} />
        </div>
        {trace && <DataTable {...trace} text={[4]} />}
        {starts && <DataTable {...starts} />}
        {launches && (
          <details class="more">
            <summary>Every metric across launches</summary>
            <DataTable {...launches} />
          </details>
        )}
      </>
    ),
  };
}

function Trace({ envelope }: { envelope: Envelope }) {
  const table = traceTable(envelope);
  if (table === null) return null;
  const steps = sweepTrace(envelope);
  const words = (passed: boolean | null, why: string) =>
    passed === null ? why : `${passed ? 'pass' : 'fail'}: ${why}`;
  const { low, high } = bracketOf(steps);
  const bracket = low && { lowRps: low.rateRps, highRps: high?.rateRps ?? null };
  const rate = ({ level, rateRps }: TraceStep) => formatRealisedRate(offeredRate(level), rateRps);
  const says =
    low === null
      ? 'No rate that was tried holds every limit.'
      : high === null
        ? `Every rate up to ${rate(low)} holds; the limit lies above.`
        : `Holds at ${rate(low)}, fails at ${rate(high)}.`;
  return (
    <Figure
      id="trace"
      title="Rates in the order in which they were tried"
      says={says}
      caption="Disc: holds every limit and keeps up. Cross: does not. Grey: the bracket that is left."
      table={table}
    >
      <TraceChart
        id="trace-chart"
        title="Search for the highest rate"
        desc={steps
          .map(
            ({ step, rateRps, passed, why }) =>
              `${step}: ${formatRate(rateRps)} req/s, ${words(passed, why)}.`,
          )
          .join(' ')}
        points={steps.map(({ step, rateRps, passed, why }) => ({
          step,
          rateRps,
          passed,
          words: words(passed, why),
        }))}
        bracket={bracket}
      />
    </Figure>
  );
}

/** The lowest rate that failed, and the highest below it that passed. */
function bracketOf(steps: readonly TraceStep[]): { low: TraceStep | null; high: TraceStep | null } {
  const byRate = [...steps].sort((a, b) => a.rateRps - b.rateRps);
  const high = byRate.find(({ passed }) => passed === false) ?? null;
  const below = byRate.filter(({ rateRps }) => high === null || rateRps < high.rateRps);
  return { low: below.findLast(({ passed }) => passed) ?? null, high };
}

/** One figure a metric that people compare; the rest is in the table. */
const drawn = ['ttft_p50_ms', 'tpot_p99_ms', 'throughput_tok_s'] as const;
const titles: Readonly<Record<string, string>> = {
  ttft_p50_ms: 'TTFT p50 by launch',
  tpot_p99_ms: 'TPOT p99 by launch',
  throughput_tok_s: 'Output throughput by launch',
};

function Launches({ envelope }: { envelope: Envelope }) {
  const all = aggregatesShown(envelope);
  return (
    <>
      {drawn.map((metric) => {
        const rows = all
          .filter((one) => one.metric === metric)
          .map((one): LaunchRow => {
            const { values, low, high } = one;
            return { name: aggregateLoad(one), values, mean: one.mean as number, low, high };
          });
        if (rows.length === 0) return null;
        const unit = unitOf(metric);
        const title = titles[metric] ?? metric;
        return (
          <Figure
            id={`launches-${metric}`}
            title={title}
            caption="A dot is a launch, the bar the 95 % Student t interval of their mean: the launch is the unit of replication. The axis does not begin at 0."
            table={{
              caption: `${title}, ${unit}`,
              head: ['Load', 'Values', 'Mean', 'Low', 'High'],
              rows: rows.map(({ name, values, mean, low, high }) => [
                name,
                values.map(formatNumber).join(', '),
                ...[mean, low, high].map(formatNumber),
              ]),
            }}
          >
            <LaunchChart
              id={`launches-${metric}-chart`}
              title={title}
              desc={rows
                .map(({ name, mean }) => `${name}: mean ${formatNumber(mean)} ${unit}.`)
                .join(' ')}
              unit={unit}
              rows={rows}
            />
          </Figure>
        );
      })}
    </>
  );
}
