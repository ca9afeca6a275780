import type { HostStream } from '../../core/index.ts';
import { formatLoad, type LevelProgress, type RunEvent } from '../../model/index.ts';
import { formatBytes, formatNumber, formatSeconds, plainText } from '../format.ts';
import { lastingLine } from './event-lines.ts';
import type { RunReporter } from './live-panel.ts';

const secondsBetweenLines = 5;
/** A level of an hour is not seven hundred lines. */
const shareBetweenLines = 0.02;
const bytesBetweenLines = 20_000_000;

/**
 * One plain line per thing that happened, for logs and pipes: progress at most every 5 s and every
 * 2 % of a level, downloads at every 10 % (every 20 MB where the size is unknown).
 */
export function createPlainReporter(stream: HostStream): RunReporter {
  const downloadSteps = new Map<string, number>();
  let lastProgress: { level: number; elapsedS: number } | null = null;
  const line = (text: string) => stream.write(`${text}\n`);

  const onDownload = (event: Extract<RunEvent, { kind: 'download' }>) => {
    const { what, doneBytes, totalBytes } = event;
    const sized = totalBytes !== null && totalBytes > 0;
    const step = sized
      ? Math.floor((doneBytes / totalBytes) * 10)
      : Math.floor(doneBytes / bytesBetweenLines);
    const before = downloadSteps.get(what);
    // A smaller step is a new attempt, or another file under the same name.
    if (before !== undefined && step === before) return;
    downloadSteps.set(what, step);
    const of = sized ? ` of ${formatBytes(totalBytes)} (${step * 10} %)` : '';
    line(`${plainText(what)}: ${formatBytes(doneBytes)}${of}`);
  };

  return {
    handle(event) {
      const lasting = lastingLine(event);
      if (lasting !== null) line(lasting);
      else if (event.kind === 'phase') line(`${event.name}: ${plainText(event.message)}`);
      else if (event.kind === 'download') onDownload(event);
      else if (event.kind === 'level-start') {
        const load = plainText(formatLoad(event.load));
        const requests = event.requests === null ? '' : `, ${event.requests} requests`;
        line(`level ${event.index + 1} of ${event.levels}: ${load}${requests}`);
      } else if (event.kind === 'progress') {
        const { level, elapsedS, etaS } = event.progress;
        const since = lastProgress?.level === level ? elapsedS - lastProgress.elapsedS : elapsedS;
        const length = elapsedS + (etaS ?? 0);
        if (since < Math.max(secondsBetweenLines, shareBetweenLines * length)) return;
        lastProgress = { level, elapsedS };
        line(progressLine(event.progress));
      }
    },
    close() {},
  };
}

function progressLine(progress: LevelProgress): string {
  const { done, failed, planned, inFlight, etaS } = progress;
  return [
    `  ${Math.min(done, planned)}/${planned} requests`,
    `${inFlight} in flight`,
    `${failed} failed`,
    `TTFT p50 ${formatNumber(progress.ttftP50Ms)} ms`,
    `${formatNumber(progress.outputTokensPerS)} tok/s at ITL p50 ${formatNumber(progress.itlP50Ms)} ms`,
    ...(etaS === null ? [] : [`${formatSeconds(Math.max(0, Math.ceil(etaS)))} left`]),
  ].join(', ');
}
