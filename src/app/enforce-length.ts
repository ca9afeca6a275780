import type { ClientTarget } from '../client/index.ts';

/** The server was asked for outputs of exactly the planned length, and took the field that says so. */
export function enforcesLength({ ignoreEos, droppedFields }: ClientTarget): boolean {
  const takes = (field: string) => !droppedFields.includes(field);
  return ignoreEos && (takes('ignore_eos') || takes('min_tokens'));
}
