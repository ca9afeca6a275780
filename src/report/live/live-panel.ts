import type { Clock, HostStream } from '../../core/index.ts';
import type { RunEvent } from '../../model/index.ts';
import { lastingLine } from './event-lines.ts';
import { renderPanel } from './panel-lines.ts';
import { applyRunEvent, createRunState } from './run-state.ts';

/** Someone who shows a run while it goes on. */
export interface RunReporter {
  handle(event: RunEvent): void;
  /** Takes back what only made sense during the run and gives the cursor back. Safe to call twice. */
  close(): void;
}

const minRedrawUs = 100_000;
const hideCursor = '\x1b[?25l';
const showCursor = '\x1b[?25h';

/**
 * Redraws a few lines in place on a terminal, at most ten times a second and only when an event
 * comes in; log lines, findings and finished levels stay above. Needs a TTY.
 */
export function createLivePanel(stream: HostStream, clock: Clock): RunReporter {
  const state = createRunState();
  let drawn: string[] = [];
  let drawnColumns = stream.columns;
  let drawnAtUs = Number.NEGATIVE_INFINITY;
  let cursorHidden = false;
  let closed = false;

  const erase = (): string => {
    if (drawn.length === 0) return '';
    // A terminal made narrower since the last draw has wrapped our lines: they take more rows.
    const columns = Math.max(1, Math.min(stream.columns || drawnColumns, drawnColumns));
    const rows = drawn.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil([...line].length / columns)),
      0,
    );
    drawn = [];
    return `\r\x1b[${rows}A\x1b[J`;
  };
  const draw = (lasting: string | null) => {
    const columns = stream.columns > 0 ? stream.columns : 80;
    let text = cursorHidden ? '' : hideCursor;
    cursorHidden = true;
    text += erase();
    if (lasting !== null) text += `${lasting}\n`;
    drawn = renderPanel(state, columns);
    drawnColumns = columns;
    text += drawn.map((line) => `${line}\n`).join('');
    stream.write(text);
    drawnAtUs = clock.nowUs();
  };

  return {
    handle(event) {
      if (closed) return;
      applyRunEvent(state, event);
      const lasting = lastingLine(event);
      if (lasting !== null || clock.nowUs() - drawnAtUs >= minRedrawUs) draw(lasting);
    },
    close() {
      if (closed) return;
      closed = true;
      const text = `${erase()}${cursorHidden ? showCursor : ''}`;
      if (text !== '') stream.write(text);
    },
  };
}
