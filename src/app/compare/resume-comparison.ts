import { basename, dirname, join, resolve } from 'node:path';
import { BenchError } from '../../core/index.ts';
import type { Comparison, Envelope } from '../../model/index.ts';
import { orderOf, type Turn, type TurnResult } from '../../protocols/index.ts';
import { readComparison, readEnvelope } from '../../results/index.ts';
import { resolvedSettings } from '../run-state.ts';
import type { RunSettings } from '../settings.ts';
import { contextMismatches } from './context-mismatches.ts';
import { readTurn, turnFolder } from './measure-turn.ts';

/** A turn that was measured before: its own result, and where that lies. */
export type EarlierTurn = TurnResult & { envelope: Envelope; folder: string };

/** The whole blocks of an interrupted comparison. */
export interface EarlierBlocks {
  dir: string;
  startedAt: string;
  /** By number from 0; a block under way when it ended is none. */
  blocks: readonly ReadonlyMap<Turn, EarlierTurn>[];
}

/**
 * Reads the blocks that an interrupted comparison has finished. It has to be the same one in all
 * that decides a number: sides, load, prompts, seed, metrics, number of blocks, version of bench.
 *
 * @param comparison as drafted now
 * @throws BenchError RESULT_*, USAGE_RESUME
 */
export async function readEarlierBlocks(
  path: string,
  comparison: Comparison,
  settings: { A: RunSettings; B: RunSettings },
): Promise<EarlierBlocks> {
  const dir = resolve(path);
  const before = await readComparison(dir);
  const refuse = (what: string): never => {
    throw new BenchError(
      'USAGE_RESUME',
      `--resume ${path}: ${what} of that comparison is not that of this one.`,
      { hint: 'Give the same command again, with --resume on top; or leave --resume out.' },
    );
  };
  for (const [what, of] of facts) {
    if (canonical(of(before)) !== canonical(of(comparison))) refuse(what);
  }
  const [a, b] = before.sides;
  const blocks: Map<Turn, EarlierTurn>[] = [];
  for (const { index, order } of before.blocks) {
    if (canonical(order) !== canonical(orderOf(index, order.includes('again'))))
      refuse('the order');
    const turns = new Map<Turn, EarlierTurn>();
    for (const turn of order) {
      const own = (turn === 'B' ? b : a).results[index];
      if (own === undefined) return refuse('the list of results');
      const folder = join(
        dir,
        turn === 'again' ? join(dirname(own), basename(turnFolder(turn, index))) : own,
      );
      const envelope = await readEnvelope(folder);
      const asked = resolvedSettings(turn === 'B' ? settings.B : settings.A);
      const differs = Object.keys(asked).find(
        (key) =>
          !ofTheRun.has(key) && canonical(asked[key]) !== canonical(envelope.command.resolved[key]),
      );
      if (differs !== undefined) refuse(`the setting ${differs} of ${basename(folder)}`);
      turns.set(turn, { ...readTurn(turn, index, envelope), folder });
    }
    blocks.push(turns);
  }
  return { dir, startedAt: before.startedAt, blocks };
}

/**
 * The side as it answers now has to be the one that was measured then.
 * @throws BenchError USAGE_RESUME
 */
export function checkSameSide(label: string, before: Envelope, now: Envelope): void {
  const context = (envelope: Envelope) => [{ envelope, definition: '' }];
  const [first] = contextMismatches(context(before), context(now), true);
  if (first === undefined) return;
  throw new BenchError(
    'USAGE_RESUME',
    `--resume: the ${first.field} of side ${label} was ${first.a}, and is ${first.b} now.`,
    { hint: 'Blocks of another server cannot be taken over; leave --resume out.' },
  );
}

const facts: readonly (readonly [string, (comparison: Comparison) => unknown])[] = [
  ['the version of bench', ({ tool }) => tool.version],
  ['the design', ({ design, replication }) => [design, replication]],
  ['the seed', ({ seed }) => seed],
  ['the number of blocks', ({ blocksAsked }) => blocksAsked],
  [
    'a side or a setting',
    ({ command }) =>
      Object.entries(command.resolved)
        .filter(([key]) => key !== 'resume')
        .sort(([x], [y]) => (x < y ? -1 : 1)),
  ],
];

/** Where the results of a turn go, and how they are shown: nothing that was measured. */
const ofTheRun = new Set(['output', 'json', 'html', 'saveResult']);

const canonical = (value: unknown): string => JSON.stringify(value) ?? 'undefined';
