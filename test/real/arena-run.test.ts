import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sandboxes } from '../../src/sandbox/index.ts';
import { eventually, fetchEngineAndModel, startBench } from './bench-process.ts';
import { context, obstacle, referenceEnv } from './reference-python.ts';

const root = resolve(import.meta.dirname, '../..');
/** Class small of decode, shorter. Its reference may drift ten-fold: this machine is shared. */
const scenario = join(root, 'test/real/scenario/decode');
const why = obstacle();
const usable = (await sandboxes.get('bubblewrap').available(context)) === null;
const sandbox = usable ? 'bubblewrap' : 'process';
const minutes = 60_000;

const example = readFileSync(join(root, 'examples/three-settings.sh'), 'utf8');
/** llama.cpp's threads wait for each other in a loop: two on busy cores take many times as long as one. */
const oneThread = (script: string) => script.replaceAll('--threads 2', '--threads 1 --parallel 1');

describe.skipIf(why !== null)(
  `an agent in the arena, llama.cpp against the PyTorch reference${why === null ? '' : ` (${why})`}`,
  () => {
    const dir = mkdtempSync(join(tmpdir(), 'bench-arena-real-'));
    let running: ReturnType<typeof startBench> | null = null;
    afterAll(async () => {
      // Where the test was given up on.
      running?.child.kill();
      await running?.ended;
      rmSync(dir, { recursive: true, force: true });
    });
    beforeAll(fetchEngineAndModel, 10 * minutes);

    it(
      'tries three settings, leaves the best, and is judged with evidence',
      async () => {
        const output = join(dir, 'trial');
        const agent = join(dir, 'agent.sh');
        writeFileSync(agent, oneThread(example), { mode: 0o755 });
        running = startBench(
          [
            ...['arena', 'run', '--scenario', scenario, '--class', 'small', '--sandbox', sandbox],
            ...['--agent', `script:${agent}`],
            ...['--budget', '20m', '--output', output, '--json'],
          ],
          { env: referenceEnv },
        );
        const code = await running.ended;
        const [out, err] = [running.out(), running.err()];
        const read = (name: string) => readFileSync(join(output, name), 'utf8');
        const log = existsSync(join(output, 'agent.log')) ? read('agent.log') : 'no agent ran';
        expect(code, `${err}\n${log}`).toBe(0);
        const { outcome, score, checks } = JSON.parse(out);
        // The sides are timed one after the other: on a machine that is busy with something else in
        // between, the faster one may come out as slower.
        expect(outcome, log).toMatch(/^(scored|regressed)$/);
        expect(score > 1).toBe(outcome === 'scored');
        const failed = checks.filter(({ verdict }: { verdict: string }) => verdict === 'fail');
        expect(failed).toEqual([]);

        // Each setting is told with its score, or with none where it had no time for one.
        expect(log.match(/^--threads \d.*: (\d[\d.]*|no score)$/gm)).toHaveLength(3);
        const trial = JSON.parse(read('trial.json'));
        expect(trial).toMatchObject({
          scenario: { id: 'decode', class: 'small' },
          outcome: { kind: outcome },
          agentPhase: { end: 'agent_done', receipt: { survivors: 0 } },
        });
        expect(trial.agentPhase.serverStarts).toHaveLength(3);
        expect(trial.final.checks.length).toBeGreaterThan(15);
        expect(trial.final.launches[0].profiles[0]).toMatchObject({
          requests: 6,
          validRequests: 6,
        });
        expect(read('submission/start_server.sh')).toMatch(/llama\.cpp-server/);
        expect(read('trial.html')).toMatch(/^<!doctype html>/i);
        await eventually(() => running?.family().length === 0, 'nothing of it is left');
      },
      15 * minutes,
    );
  },
);
