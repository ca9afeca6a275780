import { formatLoad } from '../../model/index.ts';
import { formatBytes, formatNumber, formatSeconds, missing, plainText } from '../format.ts';
import { renderBar, renderSparkline } from './bars.ts';
import type { RunState } from './run-state.ts';

/** The panel for a state, each line at most `columns` - 1 characters so that none wraps. */
export function renderPanel(state: RunState, columns: number): string[] {
  const width = Math.max(10, columns - 1);
  const lines = [
    ...(state.phase === null ? [] : [`${state.phase}: ${plainText(state.message)}`]),
    ...downloadLines(state, width),
    ...levelLines(state, width),
  ];
  return lines.map((line) => fit(line, width));
}

function downloadLines(state: RunState, width: number): string[] {
  return [...state.downloads].map(([what, { doneBytes, totalBytes }]) => {
    const name = plainText(what);
    if (totalBytes === null || totalBytes <= 0) return `${name}  ${formatBytes(doneBytes)}`;
    const share = doneBytes / totalBytes;
    const figures = `${Math.floor(share * 100)} %  ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`;
    const bar = barWidth(width - name.length - figures.length - 4);
    return bar === 0 ? `${name}  ${figures}` : `${name}  ${renderBar(share, bar)}  ${figures}`;
  });
}

function levelLines({ level, progress, throughput }: RunState, width: number): string[] {
  if (!level) return [];
  const head = `Level ${level.index + 1} of ${level.levels}: ${plainText(formatLoad(level.load))}`;
  if (!progress) return [head];
  // Arrivals after the counted window end too.
  const ended = Math.min(progress.done, progress.planned);
  const eta =
    progress.etaS === null ? '' : `, ${formatSeconds(Math.max(0, Math.ceil(progress.etaS)))} left`;
  const figures = `${ended}/${progress.planned}${eta}`;
  const bar = barWidth(width - figures.length - 2);
  const ms = (p50: number | null, p99: number | null) =>
    `p50 ${formatNumber(p50)}  p99 ${formatNumber(p99)} ms`;
  const tokens = progress.outputTokensPerS;
  const speed = `${tokens === null ? missing : formatNumber(tokens)} tok/s`;
  return [
    head,
    bar === 0 ? figures : `${renderBar(ended / Math.max(1, progress.planned), bar)}  ${figures}`,
    `offered ${formatNumber(progress.offeredRps)}  achieved ${formatNumber(progress.achievedRps)} req/s   in flight ${progress.inFlight}   errors ${progress.failed}`,
    `TTFT ${ms(progress.ttftP50Ms, progress.ttftP99Ms)}   ITL ${ms(progress.itlP50Ms, progress.itlP99Ms)}`,
    `${speed}  ${renderSparkline(throughput, Math.min(60, width - speed.length - 2))}`.trimEnd(),
  ];
}

/** Cells for a bar where so many are free; 0 where a bar would say nothing. */
function barWidth(free: number): number {
  return free < 8 ? 0 : Math.min(40, free);
}

function fit(line: string, width: number): string {
  const characters = [...line];
  return characters.length <= width ? line : `${characters.slice(0, width - 1).join('')}…`;
}
