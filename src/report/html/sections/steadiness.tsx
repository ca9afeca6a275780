import type { Envelope, LevelRun } from '../../../model/index.ts';
import {
  gateTable,
  steadyTable,
  type WarmTrace,
  warmTraces,
  warmTraceTable,
  warmUpTable,
} from '../../content/steadiness.ts';
import { formatNumber, formatShare } from '../../format.ts';
import { headlineLevel, levelName } from '../../identity.ts';
import { type TtftOverTime, ttftOverTime } from '../../time-bands.ts';
import { RequestsChart } from '../charts/requests-chart.tsx';
import { TtftTimeChart } from '../charts/ttft-time-chart.tsx';
import type { PageSection } from '../document.tsx';
import { DataTable, Figure, type TableData } from '../figure.tsx';

/** Whether the server was warm and the levels steady before and while anything was counted. */
export function steadinessSection(
  envelope: Envelope,
  runs: readonly LevelRun[],
): PageSection | null {
  const warm = warmUpTable(envelope);
  const gates = gateTable(envelope);
  const steady = steadyTable(envelope);
  const traces = warmTraces(envelope);
  const level = headlineLevel(envelope);
  const run = runs.find(({ index }) => index === level?.index);
  const hasRun = run !== undefined && run.records.length > 0;
  if (!warm && !gates && !steady && !hasRun) return null;
  return {
    ...{ id: 'steadiness', title: 'Warm-up, gates and the steady window', short: 'Warm-up' },
    body: (
      <>
        {envelope.method === undefined && (
          <p class="lede">This result does not say how the server was warmed up.</p>
        )}
        {warm && <DataTable {...warm} />}
        {gates && <Gates table={gates} />}
        {traces.length > 0 && (
          <div class="figures">
            {traces.map((trace, i) => (
              <WarmFigure id={`warm-${i + 1}`} trace={trace} />
            ))}
          </div>
        )}
        {hasRun && <TtftFigure envelope={envelope} run={run} />}
        {steady && <DataTable {...steady} />}
      </>
    ),
  };
}

/** Many levels have many gates: those of the server and what failed are shown, the rest folded. */
function Gates({ table }: { table: TableData }) {
  const shown = table.rows.filter(
    ([name, passed]) => passed === 'no' || !name?.startsWith('Lead-in'),
  );
  if (table.rows.length <= 8 || shown.length === table.rows.length) {
    return <DataTable {...table} text={[6]} />;
  }
  const passed = table.rows.filter((row) => row[1] === 'yes').length;
  return (
    <>
      {shown.length > 0 && <DataTable {...table} rows={shown} text={[6]} />}
      <details class="more">
        <summary>
          All gates: {passed} of {table.rows.length} passed
        </summary>
        <DataTable {...table} caption="All gates" text={[6]} />
      </details>
    </>
  );
}

/** Requests of gate (a) that it looks at, as src/protocols/server-warm.ts does. */
const lookedAt = 30;

/** The gate of a start of the server: does one request alone take as long as the one before? */
function WarmFigure({ id, trace }: { id: string; trace: WarmTrace }) {
  const { name, gate, samples } = trace;
  const title = `Server warm-up, request by request${name === '' ? '' : `: ${name}`}`;
  const last = Math.min(lookedAt, samples.ttftMs.length);
  return (
    <Figure
      id={id}
      title={title}
      says={`${gate.passed ? 'Passed' : 'Not passed'}: ${gate.reason}`}
      caption={`One request at a time, fixed length, none counted. Grey: the last ${last}, whose variation decides.`}
      table={warmTraceTable(trace, title)}
    >
      <RequestsChart
        id={`${id}-chart`}
        title={title}
        desc={`${gate.reason}. ${samples.ttftMs.length} successful requests are drawn.`}
        series={[
          { name: 'TTFT', className: 'lv-0', marker: 'circle', valuesMs: samples.ttftMs },
          { name: 'TPOT', className: 'lv-4', marker: 'square', valuesMs: samples.tpotMs },
        ]}
        lookedAt={last}
      />
    </Figure>
  );
}

function TtftFigure({ envelope, run }: { envelope: Envelope; run: LevelRun }) {
  const level = headlineLevel(envelope);
  const data = ttftOverTime(run);
  const points = data.kind === 'requests' ? data.points.length : data.bands.length;
  if (level === null || points === 0) return null;
  const cut = level.steady?.cutShare ?? 0;
  const cutS = cut > 0 ? timeOfShare(data, cut) : 0;
  const limitMs = envelope.slo?.ttftMs ?? null;
  const verdict =
    level.steady === undefined
      ? ''
      : cut === 0
        ? 'MSER-5 would cut nothing: the window is steady from its start.'
        : `MSER-5 would cut the first ${formatShare(cut)} (grey)${level.steady.steady ? '' : ': the level never settled'}.`;
  const title = `TTFT over time at ${levelName(level)}`;
  return (
    <Figure
      id="ttft-time"
      title={title}
      says={verdict}
      wide
      caption={
        data.kind === 'requests'
          ? 'Each dot is a counted request. Nothing is cut from the numbers; a trend here would put them in doubt.'
          : `Line: median, shade: to p90, dots: maximum, of ${data.bands.length} stretches of ${data.bands[0]?.count} requests each. Nothing is cut from the numbers; a trend here would put them in doubt.`
      }
      table={tableOf(data, title)}
    >
      <TtftTimeChart
        id="ttft-time-chart"
        title={title}
        desc={`${verdict} ${points} ${data.kind === 'requests' ? 'requests' : 'stretches of time'} are drawn.`}
        data={data}
        cutS={cutS}
        limits={
          limitMs === null ? [] : [{ value: limitMs, label: `${envelope.slo?.id} ${limitMs} ms` }]
        }
      />
    </Figure>
  );
}

function timeOfShare(data: TtftOverTime, share: number): number {
  const times = data.kind === 'requests' ? data.points : data.bands;
  return times[Math.min(times.length - 1, Math.floor(share * times.length))]?.atS ?? 0;
}

function tableOf(data: TtftOverTime, caption: string) {
  if (data.kind === 'bands') {
    return {
      caption,
      head: ['At, s', 'Requests', 'p50, ms', 'p90, ms', 'max, ms'],
      rows: data.bands.map(({ atS, count, p50, p90, max }) =>
        [atS, count, p50, p90, max].map(formatNumber),
      ),
    };
  }
  const step = Math.max(1, Math.ceil(data.points.length / 60));
  const some = data.points.filter((_, i) => i % step === 0);
  return {
    caption: step === 1 ? caption : `${caption}, one request in ${step}`,
    head: ['At, s', 'TTFT, ms'],
    rows: some.map(({ atS, ms }) => [atS.toFixed(2), formatNumber(ms)]),
  };
}
