import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cwd } from 'node:process';
import { createEntryContext, type EngineContext } from '../../engines/index.ts';
import { sandboxes } from '../../sandbox/index.ts';
import { scriptAgent } from '../agents/script.ts';
import { findScenario } from '../scenario/read-scenario.ts';
import { deriveFinalSeed, hashSubmission } from '../trial/commitment.ts';
import { makeLaunch, makeState } from '../trial.fixture.ts';
import type { TrialSetup } from './trial-setup.ts';

export interface TestTrial {
  folder: string;
  remove(): void;
  setup(changes?: Partial<TrialSetup>): Promise<TrialSetup>;
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');

/**
 * A trial of a script on the real machine; only judge and preview are made up: they call a launcher
 * as fast as its comment says (`# speed 2`), and fail one without.
 */
export function createTestTrial(script: string, folder?: string): TestTrial {
  const root = folder ?? mkdtempSync(join(tmpdir(), 'bench-trial-test-'));
  const model = join(root, 'model');
  const engine = join(root, 'engine');
  for (const dir of [model, engine]) mkdirSync(dir, { recursive: true });
  writeFileSync(join(model, 'model.gguf'), 'weights');
  writeFileSync(join(engine, 'server.sh'), 'echo server "$@"\n');
  writeFileSync(join(root, 'agent.sh'), script);
  const measure = (dir: string) => {
    const text = readFileSync(join(dir, 'start_server.sh'), 'utf8');
    const speed = Number(/# speed ([\d.]+)/.exec(text)?.[1] ?? 0);
    const state = makeState('decode', speed || 1, { submissionSha256: hashOf(dir).sha256 });
    return speed === 0 ? { ...state, outcome: 'server_fail' as const } : state;
  };
  return {
    folder: root,
    remove: () => rmSync(root, { recursive: true, force: true }),
    async setup(changes = {}) {
      const ctx: EngineContext = createEntryContext(() => {});
      return {
        ctx,
        folder: join(root, 'trial'),
        stored: await findScenario('decode', cwd()),
        class: 'small',
        seeds: { dev: 21, eval: 1337 },
        agent: await scriptAgent(join(root, 'agent.sh'), cwd()),
        entry: { harness: null, model: null, forcedEngine: null },
        sandbox: sandboxes.get('process'),
        startingPoint: 'running',
        startFolder: null,
        budgetS: 60,
        diskBytes: null,
        model: { folder: { from: model, to: '/model' }, names: ['model.gguf'], mounts: [] },
        modelName: 'tiny',
        python: '/usr/bin/python3',
        engines: [
          {
            id: 'fake',
            version: '1',
            folder: engine,
            server: 'sh "$HERE/server.sh"',
            files: {},
            usage: '--port N',
          },
        ],
        startScript: (args) =>
          `#!/bin/sh\n# speed 1\nexec "$BENCH_ENGINES/bin/fake-server" --port "$PORT" ${args.join(' ')}\n`,
        async judge({ submissionDir, secret }) {
          const state = measure(submissionDir);
          return {
            outcome: { kind: state.outcome, reason: null },
            submission: hashOf(submissionDir),
            finalSeed: deriveFinalSeed(secret, hashOf(submissionDir).sha256),
            engine: null,
            reference: {
              ...{ measured: 'in_trial', launches: [makeLaunch('decode')], aloneP50Ms: 1 },
              ...{ alikeShare: 0, modelSha256: 'ab', again: [] },
            },
            state,
            stages: [],
          };
        },
        async preview({ submissionDir, want, say }) {
          const state = { ...measure(submissionDir), measuredBy: 'preview' as const };
          say(`measuring (${want})`);
          const text = readFileSync(join(submissionDir, 'start_server.sh'), 'utf8');
          const score = Number(/# speed ([\d.]+)/.exec(text)?.[1] ?? 0);
          const flags = score === 1 ? [] : [`--speed ${score}`];
          return { state, score: score || null, text: `${want}: ${score}x`, flags };
        },
        toolVersion: 'test',
        machine: 'test machine',
        say: () => {},
        ...changes,
      };
    },
  };
}

function hashOf(dir: string) {
  const data = readFileSync(join(dir, 'start_server.sh'));
  const files = [{ path: 'start_server.sh', bytes: data.length, sha256: sha256(data) }];
  return { sha256: hashSubmission(files), files };
}

/** Polls until `probe` is true; throws after `limitMs`, which only bounds a hang. */
export async function eventually(probe: () => boolean, limitMs = 60_000): Promise<void> {
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += 25) {
    if (probe()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`not true within ${limitMs} ms: ${probe.toString()}`);
}
