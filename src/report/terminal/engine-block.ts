import type { Envelope, GaugeFigures, LevelEngine } from '../../model/index.ts';
import { engineNote } from '../content/engine.ts';
import { levelsByLoad } from '../content/levels.ts';
import { formatNumber, formatShare, plainText } from '../format.ts';
import { levelName } from '../identity.ts';
import type { Paint } from './paint.ts';
import { hangingLines, wrapText } from './wrap.ts';

/** A line a level of what the engine said of itself, or why it said nothing. */
export function renderEngine(envelope: Envelope, columns: number, paint: Paint): string[] {
  const note = engineNote(envelope);
  if (note === null) return [];
  const levels = levelsByLoad(envelope).flatMap((level) =>
    level.engine === undefined || level.engine.samples === 0
      ? []
      : [{ name: levelName(level), text: levelText(level.engine) }],
  );
  const width = Math.max(0, ...levels.map(({ name }) => name.length));
  return [
    ...(levels.length === 0 ? [] : [paint.bold('The engine, by its own metrics')]),
    ...levels.flatMap(({ name, text }) =>
      hangingLines(`  ${plainText(name).padEnd(width)}  `, text, columns),
    ),
    ...wrapText(plainText(note), columns).map(paint.dim),
    '',
  ];
}

/** Only what this engine tells: running and waiting with their greatest, then the rest. */
function levelText(engine: LevelEngine): string {
  const { running, waiting, kvUse, preemptions, ttft } = engine;
  const ms = (name: string, value: number | null) =>
    value === null ? [] : [`${name} ${formatNumber(value)} ms`];
  const gauge = (name: string, figures: GaugeFigures | null) =>
    figures === null
      ? []
      : [`${name} ${formatNumber(figures.mean)} (max ${formatNumber(figures.max)})`];
  return [
    ...gauge('running', running),
    ...gauge('waiting', waiting),
    ...(kvUse === null ? [] : [`KV ${formatShare(kvUse.mean)} (max ${formatShare(kvUse.max)})`]),
    ...(preemptions === null ? [] : [`preemptions ${formatNumber(preemptions)}`]),
    ...(engine.prefixHitShare === null
      ? []
      : [`prefix hits ${formatShare(engine.prefixHitShare)}`]),
    ...ms('queue', engine.queueMs),
    ...ms('prefill', engine.prefillMs),
    ...ms('decode', engine.decodeMs),
    ...(engine.acceptedShare === null ? [] : [`drafts kept ${formatShare(engine.acceptedShare)}`]),
    ...(ttft === null
      ? []
      : [
          `TTFT engine ${formatNumber(ttft.engineMs)} ms, client ${formatNumber(ttft.clientMs)} ms: network + client ${formatNumber(ttft.outsideMs)} ms`,
        ]),
  ].join(', ');
}
