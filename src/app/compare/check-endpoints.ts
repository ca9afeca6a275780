import { BenchError, type Host } from '../../core/index.ts';
import type { EmitRunEvent } from '../../model/index.ts';
import { engineContext, openTarget } from '../open-target.ts';
import { readServerFacts } from '../server-facts.ts';
import type { RunSettings } from '../settings.ts';
import { withApiKey } from '../with-api-key.ts';

/**
 * Two running servers cannot be started anew from here: what differs between two starts of the same
 * engine would be taken for a difference of the engines. Engine against engine is refused.
 *
 * @throws BenchError USAGE_COMPARE_LAUNCHES
 */
export async function checkEndpoints(
  sides: readonly [RunSettings, RunSettings],
  host: Host,
  emit: EmitRunEvent,
  signal: AbortSignal,
): Promise<void> {
  const engines: (string | null)[] = [];
  for (const asked of sides) {
    const settings = withApiKey(asked, host.env);
    const { client } = await openTarget(settings, engineContext(host, emit, signal), '');
    engines.push((await readServerFacts(client, host.clock, signal)).engine);
  }
  const [a = null, b = null] = engines;
  if (a === null || b === null || a === b) return;
  throw enginesNeedLaunches(a, b, 'one running deployment of each');
}

export function enginesNeedLaunches(a: string, b: string, have: string): BenchError {
  return new BenchError(
    'USAGE_COMPARE_LAUNCHES',
    `${a} against ${b} with ${have}: one start of each does not tell engines apart.`,
    {
      hint: 'Start them here with --engine, or measure each three times with bench run, started anew in between, and compare: bench compare A1,A2,A3 B1,B2,B3',
    },
  );
}
