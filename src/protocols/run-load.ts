import { createInlineLoad, type LoadOptions } from '../driver/index.ts';
import type { LevelRun } from '../model/index.ts';
import type { ProtocolContext } from './context.ts';

/** What a protocol says of a level; the rest is the context's. */
export type LevelLoad = Omit<LoadOptions, 'originUs' | 'signal' | 'idPrefix'> & {
  /** Ends the prefix of the request ids, after the run's. */
  name: string;
};

/** Runs a level where the context says: in the threads that it brings, else in this one. */
export async function runLoad(
  context: ProtocolContext,
  { name, ...load }: LevelLoad,
): Promise<LevelRun> {
  const { originUs, signal, runId } = context;
  const run = context.runLevel ?? createInlineLoad(context.clock, requireSender(context));
  const level = await run({ ...load, originUs, signal, idPrefix: `${runId}-${name}` });
  context.patience?.note(level.records, originUs);
  return level;
}

function requireSender({ sender }: ProtocolContext) {
  if (!sender) throw new Error('a protocol needs runLevel or a sender');
  return sender;
}
