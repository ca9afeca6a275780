import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFailed, makeState, makeTrial } from '../../src/arena/trial.fixture.ts';
import type { TrialResult } from '../../src/model/index.ts';

const pairs = [
  { dev: 21, eval: 1337 },
  { dev: 248, eval: 428 },
  { dev: 999, eval: 777 },
] as const;

type Cell = number | TrialResult['outcome']['kind'];

/** Speed-ups, or what else came, of three runs on A, B, C and D. */
const table: Record<string, Cell[][]> = {
  'careful-agent': [
    [3.5, 3.4, 3.6],
    [12, 11.6, 12.3],
    [34, 31, 36],
    [3, 3.1, 2.9],
  ],
  'lucky-agent': [
    [3.6, 'server_fail', 3.7],
    [2.2, 4.1, 'quality_fail'],
    [25, 26, 27],
    [3.2, 0.9, 'infra_error'],
  ],
  'sly-agent': [
    ['integrity_fail', 3.1, 'integrity_fail'],
    [4, 3.9, 'integrity_fail'],
    [24, 25, 26],
    [1.4, 1.5, 'server_fail'],
  ],
  'slow-agent': [
    [1.05, 1.1, 0.98],
    [1.2, 1.1, 1.15],
    [1.3, 1.2, 1.25],
    [1.1, 0.8, 1.02],
  ],
};

const scenarios = ['prefill', 'decode', 'throughput', 'all-in-one'];

/** Made-up trials of four agents, three runs each on four scenarios; made for tests. */
export function sampleTrials(): TrialResult[] {
  return Object.entries(table).flatMap(([agent, cells]) =>
    cells.flatMap((runs, column) =>
      runs.map((cell, at): TrialResult => {
        const scenario = scenarios[column] as string;
        const pair = pairs[at] as (typeof pairs)[number];
        const one =
          typeof cell === 'number' ? makeTrial(scenario, cell) : makeFailed(scenario, cell);
        const faster = typeof cell === 'number' ? cell : 3;
        const starts = Array.from({ length: 2 + ((column + at) % 3) }, (_, i) => ({
          atS: 300 * i,
          flags: i === 0 ? [] : [`--knob ${agent.length % (i + 1)}`],
        }));
        return {
          ...one,
          trialId: `${agent}-${scenario}-${at + 1}`,
          entry: {
            ...one.entry,
            agent: { id: agent, version: '1.0' },
            harness: { id: 'cli', version: '2.1' },
          },
          seeds: { ...one.seeds, ...pair },
          bestVerified:
            agent === 'careful-agent'
              ? null
              : makeState(scenario, faster * (1.2 + 0.4 * at), {
                  atS: 1800,
                  measuredBy: 'preview',
                }),
          agentPhase: {
            ...(one.agentPhase as NonNullable<typeof one.agentPhase>),
            serverStarts: starts,
          },
        };
      }),
    ),
  );
}

/** Writes each into a folder of its own. */
export function storeTrials(root: string, trials: readonly TrialResult[]): void {
  for (const trial of trials) {
    const dir = join(root, trial.trialId);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'trial.json'), JSON.stringify(trial));
  }
}
