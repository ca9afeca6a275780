import { type Clock, type Host, redactText } from '../../core/index.ts';
import { packageVersion } from '../../host/index.ts';
import type { Comparison } from '../../model/index.ts';
import { redactArgv } from '../run-state.ts';
import type { CompareRequest, SideAsked } from './compare-settings.ts';
import type { MetricsAsked } from './metrics-asked.ts';

/** A comparison of which nothing is known but what was asked. */
export function draftComparison(
  id: string,
  request: CompareRequest,
  asked: MetricsAsked,
  host: Host,
): Comparison {
  const now = isoTime(host.clock);
  const { settings, sides } = request;
  const stored = sides[0].kind === 'stored';
  const seed = sides[0].kind === 'live' ? sides[0].settings.seed : 0;
  return {
    schema: 'inferencebench.comparison.v1',
    comparisonId: id,
    startedAt: now,
    endedAt: now,
    status: 'partial',
    exitCode: 130,
    tool: { name: 'inferencebench', version: packageVersion() },
    command: {
      argv: hideSecrets(['bench', ...host.argv], sides),
      resolved: {
        ...settings,
        metrics: asked.primary,
        sides: sides.map((side) =>
          side.kind === 'live' ? hideSecrets([side.text], [side])[0] : side.paths,
        ),
      },
    },
    seed,
    design: stored ? 'stored' : 'paired',
    replication: stored
      ? 'stored-results'
      : sides[0].kind === 'live' && sides[0].settings.engine !== null
        ? 'relaunched'
        : 'single-launch',
    sides: [sideOf('A', sides[0]), sideOf('B', sides[1])],
    load: '',
    planHash: null,
    blocksAsked: stored ? 0 : settings.blocks,
    blocks: [],
    results: [],
    gate: null,
    toggle: null,
    mismatches: [],
    findings: [],
    error: null,
  };
}

/** A label of wall-clock time. */
export const isoTime = (clock: Clock) => new Date(clock.wallMs()).toISOString();

function sideOf(label: string, side: SideAsked) {
  const describe =
    side.kind === 'stored' ? side.paths.join(', ') : (hideSecrets([side.text], [side])[0] ?? '');
  return { label, describe, results: [] };
}

/** Keys and header values of any side, wherever they stand in a command line. */
export function hideSecrets(words: readonly string[], sides: readonly SideAsked[]): string[] {
  return sides.reduce<string[]>(
    (kept, side) => (side.kind === 'live' ? redactArgv(kept, side.settings) : kept),
    words.map((word) => redactText(word)),
  );
}
