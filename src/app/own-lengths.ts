import type { ClientTarget } from '../client/index.ts';
import type { Engine } from '../engines/index.ts';
import type { Finding } from '../model/index.ts';

const lengthFields = ['ignore_eos', 'min_tokens'] as const;

/**
 * Adapts a target to an engine that takes the fields for exact lengths and does nothing with them:
 * they are not sent, and its lengths are reported, not assumed. Null where there is nothing to adapt.
 */
export function leaveLengthsToModel(
  target: ClientTarget,
  { capabilities, title }: Pick<Engine, 'capabilities' | 'title'>,
): { target: ClientTarget; finding: Finding } | null {
  const { ignoreEos, droppedFields } = target;
  if (capabilities.ignoreEos || !ignoreEos) return null;
  if (lengthFields.every((field) => droppedFields.includes(field))) return null;
  return {
    target: { ...target, droppedFields: [...new Set([...droppedFields, ...lengthFields])] },
    finding: {
      code: 'lengths-not-enforced',
      severity: 'warning',
      message: `${title} does not honour ignore_eos or min_tokens, so they are not sent: answers may end before the asked number of tokens, where the model ends them. Read output lengths off the achieved ones.`,
    },
  };
}
