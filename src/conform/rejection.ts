import type { Generation } from './generation.ts';
import { isRejected } from './optional-fields.ts';
import type { Finding } from './per-api.ts';
import type { Api, GenerateAsk, ProbeContext } from './probe.ts';

/**
 * What a rejected request says of the field that it asked with: `no`, when the same request without
 * the field is taken; null when it was not rejected.
 *
 * @param without absent: the ordinary generation of that API
 */
export async function rejectionOf(
  context: ProbeContext,
  { exchange, failed }: Generation,
  api: Api = context.api,
  without?: GenerateAsk,
): Promise<Finding | null> {
  if (!isRejected(exchange.status)) return null;
  const plain =
    without === undefined ? await context.ordinary(api) : await context.generate(without);
  if (isRejected(plain.exchange.status)) {
    return ['unknown', `rejected without it, too: ${plain.failed}`];
  }
  return ['no', `rejected: ${failed}`];
}
