import type {
  EngineSample,
  Envelope,
  LevelRun,
  LevelSummary,
  RequestRecord,
} from '../../../model/index.ts';
import { formatNumber } from '../../format.ts';
import { levelName } from '../../identity.ts';
import { type PhaseBins, phaseBins } from '../../phase-bins.ts';
import { PhasesChart } from '../charts/phases-chart.tsx';
import { TimelineChart } from '../charts/timeline-chart.tsx';
import type { PageSection } from '../document.tsx';
import { Figure } from '../figure.tsx';
import { EngineTime } from './engine-time.tsx';

const mostRows = 60;
const leastRows = 20;
/** Time that the rows may span, in typical requests: beyond it each would be a speck. */
const mostTimes = 40;
const maxLevels = 8;

/** What the requests did when: the headline level open, others folded. */
export function timelineSection(
  envelope: Envelope,
  runs: readonly LevelRun[],
  samples: readonly EngineSample[],
): PageSection | null {
  const withRuns = envelope.levels.flatMap((level, i) => {
    const run = runs.find((entry) => entry.index === level.index);
    return run && run.records.length > 0 ? [{ level, run, first: i === envelope.headline }] : [];
  });
  const [shown, ...others] = withRuns.sort((a, b) => Number(b.first) - Number(a.first));
  if (!shown) return null;
  const left = others.length - (maxLevels - 1);
  return {
    ...{ id: 'timeline', title: 'Timeline of requests', short: 'Timeline' },
    body: (
      <>
        <ul class="legend" aria-label="Parts of a request">
          <li>
            <span class="swatch wait" /> wait in the client
          </li>
          <li>
            <span class="swatch prefill" /> queue and prefill, to the first token
          </li>
          <li>
            <span class="swatch decode" /> decode, to the last token
          </li>
          <li>
            <span class="swatch failed" /> failed
          </li>
        </ul>
        <Timeline {...shown} samples={samples} />
        {others.slice(0, maxLevels - 1).map((entry) => (
          <details class="more">
            <summary>{levelName(entry.level)}</summary>
            <Timeline {...entry} samples={samples} />
          </details>
        ))}
        {left > 0 && <p class="note">Timelines of {left} more levels are left out.</p>}
      </>
    ),
  };
}

function Timeline(props: { level: LevelSummary; run: LevelRun; samples: readonly EngineSample[] }) {
  const { level, run } = props;
  return (
    <>
      <InFlight level={level} run={run} />
      <EngineTime {...props} />
      <Requests level={level} run={run} />
    </>
  );
}

function InFlight({ level, run }: { level: LevelSummary; run: LevelRun }) {
  const bins = phaseBins(run);
  const title = `In flight at ${levelName(level)}`;
  const mean = (values: Float64Array) =>
    formatNumber(values.reduce((sum, value) => sum + value, 0) / values.length);
  const words = `On average ${mean(bins.decode)} decoding, ${mean(bins.prefill)} in queue and prefill, ${mean(bins.wait)} waiting in the client.`;
  const id = `in-flight-${level.index}`;
  return (
    <Figure
      id={id}
      title={title}
      wide
      caption={`All ${run.records.length} requests on record, averaged over ${formatNumber(bins.binUs / 1e6)} s each; a growing area is a growing queue. ${words}`}
      table={binTable(bins, run, title)}
    >
      <PhasesChart
        id={`${id}-chart`}
        title={title}
        desc={words}
        bins={bins}
        originUs={run.windowStartUs}
      />
    </Figure>
  );
}

function binTable(bins: PhaseBins, run: LevelRun, title: string) {
  const step = 10;
  const of = (values: Float64Array, from: number) => {
    const part = values.subarray(from, from + step);
    return formatNumber(part.reduce((sum, value) => sum + value, 0) / part.length);
  };
  const starts = Array.from({ length: Math.ceil(bins.decode.length / step) }, (_, i) => i * step);
  return {
    caption: `${title}, mean requests in each phase`,
    head: ['From, s', 'Waiting', 'Queue and prefill', 'Decoding'],
    rows: starts.map((from) => [
      formatNumber((bins.fromUs + from * bins.binUs - run.windowStartUs) / 1e6),
      of(bins.wait, from),
      of(bins.prefill, from),
      of(bins.decode, from),
    ]),
  };
}

/** As many of the first requests as can be told apart where they are drawn. */
function legible(records: RequestRecord[]): RequestRecord[] {
  const lengths = records.map(({ intendedUs, endUs }) => endUs - intendedUs).sort((a, b) => a - b);
  const typicalUs = lengths[lengths.length >> 1] ?? 0;
  const fromUs = records[0]?.intendedUs ?? 0;
  const within = records.findIndex(({ endUs }) => endUs - fromUs > mostTimes * typicalUs);
  return within < 0 ? records : records.slice(0, Math.max(leastRows, within));
}

/**
 * The first requests by intended time from the start of the counted window on, without sorting what
 * may be a million of them.
 */
function firstCounted(records: readonly RequestRecord[], most: number): RequestRecord[] {
  let kept: { at: number; record: RequestRecord }[] = [];
  let limit = Number.POSITIVE_INFINITY;
  const trim = () => {
    kept = kept.sort((a, b) => a.at - b.at).slice(0, most);
    if (kept.length === most) limit = (kept.at(-1) as { at: number }).at;
  };
  let fromUs = Number.POSITIVE_INFINITY;
  for (const { counted, intendedUs } of records) {
    if (counted && intendedUs < fromUs) fromUs = intendedUs;
  }
  for (const record of records) {
    const at = record.intendedUs;
    if (at >= limit || (at < fromUs && Number.isFinite(fromUs))) continue;
    kept.push({ at, record });
    if (kept.length >= 4 * most) trim();
  }
  trim();
  return kept.map(({ record }) => record);
}

function Requests({ level, run }: { level: LevelSummary; run: LevelRun }) {
  const records = legible(firstCounted(run.records, mostRows));
  let failed = 0;
  for (const { counted, outcome } of run.records) if (counted && outcome !== 'ok') failed++;
  const uncounted = records.some((record) => !record.counted);
  const total = run.records.length;
  const cut =
    total > records.length
      ? `The first ${records.length} requests of the window, of ${total} on record.`
      : '';
  const title = `Request by request at ${levelName(level)}`;
  const ms = (fromUs: number | null, toUs: number | null) =>
    formatNumber(fromUs === null || toUs === null ? null : (toUs - fromUs) / 1000);
  return (
    <Figure
      id={`timeline-${level.index}`}
      title={title}
      wide
      caption={[
        cut,
        uncounted ? 'Faded: outside the counted window.' : '',
        `${failed} of the level's counted requests failed.`,
      ].join(' ')}
      table={{
        caption: `${title}: requests in order of intended send`,
        head: ['Request', 'Intended, s', 'Wait, ms', 'To first token, ms', 'Decode, ms', 'Outcome'],
        rows: records.map((record) => [
          String(record.index),
          ((record.intendedUs - run.windowStartUs) / 1e6).toFixed(2),
          ms(record.intendedUs, record.sentUs),
          ms(record.sentUs, record.firstTokenUs),
          ms(record.firstTokenUs, record.lastTokenUs),
          record.counted ? record.outcome : `${record.outcome} (not counted)`,
        ]),
      }}
    >
      <TimelineChart
        id={`timeline-${level.index}-chart`}
        title={`Timeline of ${records.length} requests at ${levelName(level)}`}
        desc={`One row a request: wait in the client, queue and prefill, decode. ${failed} failed. ${cut}`}
        records={records}
        originUs={run.windowStartUs}
      />
    </Figure>
  );
}
