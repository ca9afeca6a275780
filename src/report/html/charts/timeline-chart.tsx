import type { RequestRecord } from '../../../model/index.ts';
import { formatNumber } from '../../format.ts';
import { type Box, Frame, px } from './frame.tsx';
import { createSpanAxis } from './scales.ts';

const rowHeight = 7;

/** One row a request: wait, prefill, decode; a cross where it failed. Times from `originUs`. */
export function TimelineChart(props: {
  id: string;
  title: string;
  desc: string;
  records: readonly RequestRecord[];
  originUs: number;
}) {
  const { records, originUs } = props;
  const box: Box = {
    ...{ width: 1060, top: 30, right: 16, bottom: 46, left: 52 },
    height: 76 + Math.max(4, records.length) * rowHeight,
  };
  const seconds = (us: number) => (us - originUs) / 1e6;
  const startS = records.reduce((least, { intendedUs }) => Math.min(least, seconds(intendedUs)), 0);
  const first = records[0];
  const x = createSpanAxis(
    // The window's opening is shown where it is near.
    first === undefined || seconds(first.intendedUs) < 1
      ? Math.min(0, startS)
      : seconds(first.intendedUs),
    records.reduce((most, { endUs }) => Math.max(most, seconds(endUs)), 0),
    [box.left, box.width - box.right],
  );
  const at = (us: number) => px(x(seconds(us)));
  const step = [1, 2, 5, 10, 20, 50].find((size) => records.length / size <= 10) ?? 100;
  const y = Object.assign((row: number) => box.top + row * rowHeight + rowHeight / 2, {
    ticks: records.map((_, row) => row).filter((row) => row % step === 0),
    minorTicks: [],
  });
  return (
    <Frame
      {...props}
      box={box}
      x={x}
      y={y}
      xLabel="seconds since the level's window opened"
      yLabel="request"
      formatY={(row) => String(records[row]?.index ?? '')}
    >
      {records.map((record, row) => {
        const top = px(box.top + row * rowHeight + 1);
        const bar = (name: string, fromUs: number, toUs: number) =>
          toUs > fromUs && (
            <rect
              class={name}
              x={at(fromUs)}
              y={top}
              width={Math.max(0.5, px(at(toUs) - at(fromUs)))}
              height={rowHeight - 2}
            />
          );
        const sentUs = record.sentUs ?? record.endUs;
        const firstUs = record.firstTokenUs ?? record.endUs;
        const failed = record.outcome !== 'ok';
        return (
          <g class={record.counted ? 'request' : 'request tail'}>
            <title>{describe(record)}</title>
            {bar('wait', record.intendedUs, sentUs)}
            {bar(record.firstTokenUs === null ? 'failed' : 'prefill', sentUs, firstUs)}
            {record.firstTokenUs !== null &&
              bar(failed ? 'failed' : 'decode', firstUs, record.lastTokenUs ?? record.endUs)}
            {failed && (
              <path
                class="cross"
                d={`M${px(at(record.endUs) - 3)} ${px(top - 0.5)}l6 6m0 -6l-6 6`}
              />
            )}
          </g>
        );
      })}
    </Frame>
  );
}

function describe(record: RequestRecord): string {
  const ms = (fromUs: number | null, toUs: number | null) =>
    formatNumber(fromUs === null || toUs === null ? null : (toUs - fromUs) / 1000);
  return [
    `request ${record.index}: ${record.outcome}`,
    `wait ${ms(record.intendedUs, record.sentUs)} ms`,
    `first token after ${ms(record.sentUs, record.firstTokenUs)} ms`,
    `decode ${ms(record.firstTokenUs, record.lastTokenUs)} ms`,
    ...(record.counted ? [] : ['not counted']),
  ].join(', ');
}
