import type { Envelope, LevelRun, LevelSummary } from '../../../model/index.ts';
import { formatNumber } from '../../format.ts';
import { levelName } from '../../identity.ts';
import { TimelineChart } from '../charts/timeline-chart.tsx';
import { Figure } from '../figure.tsx';

const maxRows = 80;
const maxLevels = 12;

/** What each request did when: the headline level open, the others folded. */
export function TimelineSection(props: { envelope: Envelope; runs: readonly LevelRun[] }) {
  const { envelope, runs } = props;
  const withRuns = envelope.levels.flatMap((level, i) => {
    const run = runs.find((entry) => entry.index === level.index);
    return run && run.records.length > 0 ? [{ level, run, first: i === envelope.headline }] : [];
  });
  const [shown, ...others] = withRuns.sort((a, b) => Number(b.first) - Number(a.first));
  if (!shown) return null;
  return (
    <section aria-labelledby="timeline-heading">
      <h2 id="timeline-heading">Timeline of requests</h2>
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
      <Timeline {...shown} />
      {others.slice(0, maxLevels - 1).map((entry) => (
        <details class="more">
          <summary>{levelName(entry.level)}</summary>
          <Timeline {...entry} />
        </details>
      ))}
      {others.length > maxLevels - 1 && (
        <p class="note">Timelines of {others.length - maxLevels + 1} more levels are left out.</p>
      )}
    </section>
  );
}

function Timeline({ level, run }: { level: LevelSummary; run: LevelRun }) {
  const ordered = [...run.records].sort((a, b) => a.intendedUs - b.intendedUs);
  const records = ordered.slice(0, maxRows);
  const failed = ordered.filter((record) => record.counted && record.outcome !== 'ok').length;
  const uncounted = records.some((record) => !record.counted);
  const cut = ordered.length > maxRows ? `The first ${maxRows} of ${ordered.length} requests.` : '';
  const title = `At ${levelName(level)}`;
  const ms = (fromUs: number | null, toUs: number | null) =>
    formatNumber(fromUs === null || toUs === null ? null : (toUs - fromUs) / 1000);
  return (
    <Figure
      id={`timeline-${level.index}`}
      title={title}
      wide
      caption={[
        cut,
        uncounted ? 'Faded: arrivals after the window, not counted.' : '',
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
