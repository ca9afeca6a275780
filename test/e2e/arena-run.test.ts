import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env, platform } from 'node:process';
import { describe, expect, it } from 'vitest';
import { createEntryContext } from '../../src/engines/index.ts';
import type { HeldLimit } from '../../src/model/index.ts';
import { ownCpus, sandboxes, shareCpus } from '../../src/sandbox/index.ts';
import { runBench, tempDir } from './run-bench.ts';
import { spawnCli } from './spawn-cli.ts';
import { eventually, placeAgent, placeScenario, processesWith } from './toy-arena.ts';

const ctx = createEntryContext(() => {});

describe.skipIf(platform !== 'linux')('bench arena run', () => {
  it.each(sandboxes.ids())(
    'runs an agent in %s, evaluates, judges, scores',
    async (id) => {
      const obstacle = await sandboxes.get(id).available(ctx);
      if (obstacle !== null) return;
      const root = tempDir();
      const { scenario, model } = placeScenario(root);
      const output = join(root, 'out');
      const agent = placeAgent(
        root,
        'cd "$MODEL_PATH" && cat model.gguf hf/config.json && cd "$OLDPWD"\n./evaluate quick\n./snapshot\n./timer',
      );
      const cli = spawnCli([
        ...['arena', 'run', '--scenario', scenario, '--class', 'small', '--sandbox', id],
        ...['--agent', `script:${agent}`, '--budget', '20m', '--model-path', model],
        ...['--output', output, '--json'],
      ]);
      const { code, out, err } = await cli.ended;
      const log = readFileSync(join(output, 'agent.log'), 'utf8');
      const { outcome, checks } = JSON.parse(out);
      // How fast it was is the machine's business here; that no check failed is ours.
      expect(['scored', 'regressed'], `${err}\n${log}`).toContain(outcome);
      expect(code).toBe(0);
      const failed = checks.filter(({ verdict }: { verdict: string }) => verdict === 'fail');
      expect(failed).toEqual([]);
      expect(log).toMatch(/^GGUF, a toy model\n\{\}\n/);
      expect(log.match(/^outcome: (scored|regressed)/gm)).toHaveLength(2);
      expect(log).toMatch(/yours, burst: TTFT \d.*4 of 4 valid/);
      const trial = JSON.parse(readFileSync(join(output, 'trial.json'), 'utf8'));
      const { isolates } = sandboxes.get(id);
      expect(trial.agentPhase).toMatchObject({
        end: 'agent_done',
        sandboxed: isolates,
        receipt: { survivors: 0 },
      });
      // Two evaluations started the state that was left.
      const { serverStarts } = trial.agentPhase;
      expect(serverStarts).toHaveLength(2);
      expect(serverStarts[0].flags).toEqual([`files ${trial.submission.sha256.slice(0, 8)}`]);
      expect(trial.final.atS).toBe(serverStarts[0].atS);
      const { program, client } = shareCpus(ownCpus(), 1);
      expect(trial.ground).toMatchObject({
        ...{ sandbox: id, sandboxed: isolates, clientCpus: client },
      });
      for (const side of ['server', 'reference']) {
        const held = trial.ground[side].map(({ limit, asked }: HeldLimit) => [limit, asked]);
        expect(held).toContainEqual(['memoryBytes', 1024 ** 3]);
        expect(held).toContainEqual(['cpus', 1]);
        if (program !== null) expect(held).toContainEqual(['cpuset', program]);
      }
    },
    600_000,
  );

  it('killed with its agent, then in the middle of judging, is resumed to the same end', async () => {
    const usable = await Promise.all(
      sandboxes.list().map(async (one) => ((await one.available(ctx)) === null ? one : null)),
    );
    const sandbox = usable.find((one) => one !== null)?.id ?? 'process';
    const root = tempDir();
    const { scenario, model } = placeScenario(root);
    const output = join(root, 'out');
    const agent = placeAgent(
      root,
      '# arena: resumable\n[ -n "$ARENA_RESUMED" ] || exec sleep 98759',
    );
    const reached = (state: string) => {
      try {
        return readFileSync(join(output, 'journal.jsonl'), 'utf8').includes(`"state":"${state}"`);
      } catch {
        return false;
      }
    };
    const kill = async (cli: ReturnType<typeof spawnCli>) => {
      cli.child.kill('SIGKILL');
      expect((await cli.ended).signal).toBe('SIGKILL');
      await eventually('nothing of it is left', () => processesWith(root).length === 0);
    };
    const first = spawnCli([
      ...['arena', 'run', '--scenario', scenario, '--class', 'small', '--sandbox', sandbox],
      ...['--agent', `script:${agent}`, '--budget', '20m', '--model-path', model],
      ...['--output', output, '--json'],
    ]);
    await eventually(
      'the agent runs',
      () => reached('agent_started') && processesWith('98759').length > 0,
    );
    await kill(first);
    const second = spawnCli(['arena', 'resume', output, '--json']);
    const isServing = () => processesWith(join(output, 'judge')).length > 0;
    await eventually('a server is judged', () => reached('collected') && isServing());
    expect(reached('judged')).toBe(false);
    await kill(second);
    const third = spawnCli(['arena', 'resume', output, '--json']);
    const { code, out, err } = await third.ended;
    expect([code, JSON.parse(out).outcome], err).toEqual([0, 'scored']);
    const trial = JSON.parse(readFileSync(join(output, 'trial.json'), 'utf8'));
    expect(trial.agentPhase).toMatchObject({ end: 'agent_done', interrupted: true });
    expect(processesWith(root)).toEqual([]);
    // Of what is finished, from inside its folder.
    const again = await runBench(['arena', 'resume', '.'], {
      cwd: output,
      env: { PATH: env['PATH'] ?? '' },
    });
    expect([again.exitCode, again.out], again.err).toEqual([
      0,
      expect.stringMatching(/^result: \.$/m),
    ]);
  }, 600_000);
});
