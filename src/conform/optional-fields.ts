import type { ClientTarget } from '../client/index.ts';
import type { RequestRecord } from '../model/index.ts';

/** Optional fields in the order in which they are given up when a server rejects the body. */
const optionalFields = [
  'stream_options.continuous_usage_stats',
  'ignore_eos',
  'min_tokens',
  'stream_options',
  'temperature',
] as const;

/** Whether a server has said that a request's body is not to its liking. */
export const isRejected = (status: number | null) => status === 400 || status === 422;

/**
 * The field that a rejected request's error names, else the next optional one that is still sent; null
 * when none is left to blame.
 */
export function rejectedField(
  record: Pick<RequestRecord, 'error'>,
  target: ClientTarget,
): string | null {
  const left = optionalFields.filter((field) => isSent(field, target));
  const message = (record.error ?? '').toLowerCase();
  const named = left.find((field) => message.includes(field.split('.').at(-1) ?? field));
  if (named !== undefined) return named;
  if (
    target.api === 'chat' &&
    message.includes('max_tokens') &&
    !target.droppedFields.includes('max_tokens')
  ) {
    return 'max_tokens';
  }
  return left[0] ?? null;
}

function isSent(field: string, target: ClientTarget): boolean {
  if (target.droppedFields.includes(field)) return false;
  if (field === 'ignore_eos') return target.ignoreEos;
  if (field === 'min_tokens') {
    return target.ignoreEos && target.droppedFields.includes('ignore_eos');
  }
  if (field.startsWith('stream_options.')) return !target.droppedFields.includes('stream_options');
  return true;
}
