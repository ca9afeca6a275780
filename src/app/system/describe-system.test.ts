import { describe, expect, it } from 'vitest';
import type { EngineInfo, Environment, ModelInfo } from '../../model/index.ts';
import { checkSystem, describeSystem, type SystemFacts, sizeOfName } from './describe-system.ts';

const nothingStated: SystemFacts['settings'] = {
  hardware: null,
  gpus: null,
  gpuMemory: null,
  interconnect: null,
  modelSize: null,
  tp: null,
  pp: null,
  attentionBackend: null,
  schedulingPolicy: null,
  pricePerHour: null,
  priceInput: null,
  priceOutput: null,
  prices: null,
};

const h100 = { name: 'NVIDIA H100 80GB HBM3', memoryBytes: 85_520_809_984, driver: '550.1' };

function factsOf(over: {
  settings?: Partial<SystemFacts['settings']>;
  gpus?: Environment['gpus'];
  isLocal?: boolean;
  commandLine?: string[];
  engineSettings?: Record<string, unknown>;
  served?: string;
}): SystemFacts {
  return {
    settings: { ...nothingStated, ...over.settings },
    environment: { gpus: over.gpus ?? [] } as unknown as Environment,
    isLocal: over.isLocal ?? true,
    engine: {
      commandLine: over.commandLine ?? null,
      settings: over.engineSettings ?? {},
    } as EngineInfo,
    model: { asked: '', served: over.served ?? null } as ModelInfo,
  };
}

describe('describeSystem', () => {
  it('reads this machine, the command line and the server', () => {
    const system = describeSystem(
      factsOf({
        gpus: [h100, h100],
        commandLine: [
          'vllm',
          'serve',
          'm',
          '--tensor-parallel-size',
          '2',
          '-pp=1',
          '--attention-backend=FLASHINFER',
        ],
        engineSettings: { n_params: 70_553_706_496 },
      }),
    );
    expect(system).toMatchObject({
      gpu: { value: h100.name, from: 'machine' },
      gpuCount: { value: 2, from: 'machine' },
      interconnect: { value: null, from: null },
      gpuMemoryBytes: { value: h100.memoryBytes, from: 'machine' },
      modelSize: { value: '70.6B', from: 'server' },
      tensorParallel: { value: 2, from: 'command-line' },
      pipelineParallel: { value: 1, from: 'command-line' },
      attentionBackend: { value: 'FLASHINFER', from: 'command-line' },
      schedulingPolicy: { value: null, from: null },
    });
  });

  it.each([
    [['trtllm-serve', 'm', '--tp_size', '4', '--pp_size', '2'], 4, 2],
    [['text-generation-launcher', '--num-shard', '8'], 8, null],
    [['sglang', 'serve', '--tp-size=2'], 2, null],
  ])('reads the parallelism of %j', (commandLine, tensor, pipeline) => {
    const { tensorParallel, pipelineParallel } = describeSystem(
      factsOf({ gpus: [h100], commandLine }),
    );
    expect([tensorParallel.value, pipelineParallel.value]).toEqual([tensor, pipeline]);
  });

  it('knows nothing of another machine but what is stated', () => {
    const facts = factsOf({ gpus: [h100], isLocal: false, served: 'Llama-3.1-70B-Instruct' });
    const silent = describeSystem(facts);
    expect(silent.gpu.value).toBeNull();
    expect(silent.gpuCount.value).toBeNull();
    expect(silent.modelSize).toEqual({ value: '70B', from: 'model-name' });
    const settings = { ...facts.settings, hardware: 'h100', gpus: 8, gpuMemory: 80, tp: 8 };
    expect(describeSystem({ ...facts, settings })).toMatchObject({
      gpu: { value: 'h100', from: 'given' },
      gpuCount: { value: 8, from: 'given' },
      gpuMemoryBytes: { value: 80e9, from: 'given' },
      tensorParallel: { value: 8, from: 'given' },
    });
  });

  it('takes what the server tells of attention and scheduling, where no flag says it', () => {
    const facts = factsOf({});
    const settings = { attention_backend: 'sdpa', scheduling_policy: 'first come first served' };
    expect(describeSystem({ ...facts, engine: { ...facts.engine, settings } })).toMatchObject({
      attentionBackend: { value: 'sdpa', from: 'server' },
      schedulingPolicy: { value: 'first come first served', from: 'server' },
    });
  });

  it('says 0 GPUs of a machine that has none', () => {
    const { gpu, gpuCount, tensorParallel } = describeSystem(factsOf({}));
    expect(gpu.value).toBeNull();
    expect(gpuCount).toEqual({ value: 0, from: 'machine' });
    expect(tensorParallel.value).toBe(1);
  });

  it('doubts more GPUs than this machine shows', () => {
    const facts = factsOf({ gpus: [h100], settings: { gpus: 4 } });
    expect(checkSystem(facts).map(({ code }) => code)).toEqual(['gpus-mismatch']);
    expect(checkSystem(factsOf({ gpus: [h100], settings: { gpus: 1 } }))).toEqual([]);
    expect(checkSystem(factsOf({ isLocal: false, settings: { gpus: 4 } }))).toEqual([]);
  });
});

describe('sizeOfName', () => {
  it.each([
    ['smollm2-135m', '135M'],
    ['meta-llama/Llama-3.1-8B-Instruct', '8B'],
    ['Qwen2.5-1.5B', '1.5B'],
    ['mistralai/Mixtral-8x7B-v0.1', '8x7B'],
    ['Qwen3-30B-A3B', '30B'],
    ['gpt-4.1-mini', null],
    ['model-q4_1', null],
    [null, null],
  ])('of %s is %s', (name, size) => {
    expect(sizeOfName(name)).toBe(size);
  });
});
