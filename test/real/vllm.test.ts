import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { arch, availableParallelism, homedir, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EngineContext, findEngine, surveyEngine } from '../../src/engines/index.ts';
import { createNodeHost } from '../../src/host/index.ts';
import { readEnvelope, readLevels } from '../../src/results/index.ts';
import { type EngineSubject, engineCases, selectCases } from '../../src/testing/index.ts';
import { bench, eventually, startBench } from './bench-process.ts';

const host = createNodeHost();
const context: EngineContext = {
  env: host.env,
  platform: platform(),
  arch: arch(),
  cpuCount: availableParallelism(),
  home: homedir(),
  clock: host.clock,
  emit: () => {},
};
const engine = findEngine('vllm');

/** Why not here; null = it is run. 3.2 GB are fetched where they are not there yet. */
async function obstacle(): Promise<string | null> {
  if (process.env['BENCH_TEST_FULL'] !== '1') return 'BENCH_TEST_FULL=1 runs it';
  const { installed, obstacle: found, sources } = await surveyEngine(context, engine);
  if (installed) return found;
  return sources.find(({ unavailable }) => unavailable !== null)?.unavailable ?? null;
}

const why = await obstacle();
const minutes = 60_000;
/** As Python names shared memory and semaphores. */
const sharedMemory = () => readdirSync('/dev/shm').filter((name) => /^(psm_|sem\.)/.test(name));

describe.skipIf(why !== null)(`the real vLLM${why === null ? '' : ` (${why})`}`, () => {
  const dir = mkdtempSync(join(tmpdir(), 'bench-vllm-'));
  const load = [
    ...['run', 'llm.inference', '--engine', 'vllm', '--model', 'smollm2-135m', '--slots', '8'],
    ...['--input-tokens', '16', '--output-tokens', '16', '--gates', 'off', '--rest', '0'],
    ...['--warmup-runs', '1', '--warmup-requests', '2', '--allow-client-bottleneck'],
  ];
  let before: string[];
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  beforeAll(async () => {
    const { code, err } = await bench(['engine', 'install', 'vllm']);
    if (code !== 0) throw new Error(err);
    before = sharedMemory();
  }, 30 * minutes);

  const leftBehind = () => sharedMemory().filter((name) => !before.includes(name));

  describe('a run', () => {
    const output = join(dir, 'run');
    let ran: Awaited<ReturnType<typeof bench>>;
    beforeAll(async () => {
      const few = ['--rate', '1', '--duration', '20', '--json', '--output', output];
      ran = await bench([...load, ...few]);
    }, 20 * minutes);

    it('needs no more than the name of the model, and leaves nothing behind', async () => {
      expect(ran.code, ran.err).toBe(0);
      expect(JSON.parse(ran.out)).toMatchObject({
        engine: { id: 'vllm', version: '0.32.0+cpu' },
        model: { asked: 'smollm2-135m', served: 'smollm2-135m', quant: 'bfloat16' },
        findings: expect.arrayContaining([
          expect.objectContaining({ code: 'weights-dequantised' }),
        ]),
      });
      await eventually(() => ran.family().length === 0, 'the engine is gone');
      expect(leftBehind()).toEqual([]);
    });

    it('measures exactly the tokens asked for', async () => {
      const levels = await readLevels(output, await readEnvelope(output));
      const records = levels.flatMap((level) => level.records).filter(({ counted }) => counted);
      expect(records.length).toBeGreaterThanOrEqual(5);
      for (const record of records) {
        expect(record).toMatchObject({
          ...{ outcome: 'ok', inputTokensUsage: 16, outputTokensUsage: 16 },
          tokenSource: 'continuous-usage',
        });
        expect(Array.from(record.chunks.tokens).reduce((sum, n) => sum + n, 0)).toBe(16);
      }
    });

    it('has the settings and the metrics that vLLM tells', async () => {
      const envelope = await readEnvelope(output);
      expect(envelope.engine.settings).toMatchObject({
        server_version: '0.32.0',
        num_gpu_blocks: expect.any(Number),
        environment: { VLLM_CPU_KVCACHE_SPACE: '1' },
      });
      expect(envelope.engineMetrics).toMatchObject({ family: 'vllm' });
      expect(readFileSync(join(output, 'engine.log'), 'utf8')).toMatch(/vLLM|EngineCore/);
    });
  });

  it(
    'that is killed with bench leaves no process and no shared memory',
    async () => {
      const output = join(dir, 'killed');
      const long = ['--rate', '2', '--duration', '600', '--engine-arg=--enforce-eager'];
      const running = startBench([...load, ...long, '--output', output]);
      const requests = join(output, 'requests.jsonl');
      const lines = () => {
        try {
          return readFileSync(requests, 'utf8').split('\n').length;
        } catch {
          return 0;
        }
      };
      await eventually(() => lines() > 3, 'requests are stored', 15 * minutes);
      expect(running.family().length, 'bench, vLLM and its EngineCore').toBeGreaterThan(2);
      running.child.kill('SIGKILL');
      expect(await running.ended).toBe(null);
      await eventually(() => running.family().length === 0, 'all of them are gone');
      expect(leftBehind()).toEqual([]);
    },
    20 * minutes,
  );

  describe('keeps what every engine has to keep', () => {
    let subject: EngineSubject;
    beforeAll(async () => {
      const installed = await engine.locate(context);
      const model = await engine.models.locate(context, 'smollm2-135m');
      if (installed === null || model === null) throw new Error('not here');
      subject = {
        engine,
        context,
        installed,
        options: {
          ...{ modelPath: model.path, modelName: model.id, host: '127.0.0.1', port: 0 },
          ...{ slots: 4, contextTokens: 4 * 512, threads: null },
          // Compiled kernels take a minute of each start.
          extraArgs: ['--enforce-eager'],
          logPath: join(dir, 'logs', 'engine.log'),
          startupTimeoutMs: 15 * minutes,
        },
        acceptedArgs: ['--enforce-eager', '--seed', '7'],
        breakage: { extraArgs: ['--frobs'], says: '--frobs' },
      };
    });
    it.for(selectCases(engineCases))(
      '$name',
      { timeout: 20 * minutes },
      ({ run, skipReason }, { skip }) => {
        skip(skipReason !== null, skipReason ?? undefined);
        return run(subject);
      },
    );
  });
});
