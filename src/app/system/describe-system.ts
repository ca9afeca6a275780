import type {
  EngineInfo,
  Environment,
  Fact,
  FactSource,
  Finding,
  ModelInfo,
  SystemInfo,
} from '../../model/index.ts';
import type { SystemSettings } from '../settings.ts';

export interface SystemFacts {
  settings: SystemSettings & { hardware: string | null };
  environment: Environment;
  /** The server runs on this machine. */
  isLocal: boolean;
  engine: EngineInfo;
  model: ModelInfo;
}

/** As vLLM, SGLang, TensorRT-LLM and TGI call them. */
const tensorFlags = [
  ...['--tensor-parallel-size', '--tp-size', '--tp', '-tp'],
  ...['--tensor_parallel_size', '--tp_size', '--num-shard'],
];
const pipelineFlags = [
  ...['--pipeline-parallel-size', '--pp-size', '--pp', '-pp'],
  ...['--pipeline_parallel_size', '--pp_size'],
];

/** The system under test: what was stated, else what this machine and the server tell. */
export function describeSystem(facts: SystemFacts): SystemInfo {
  const { settings, environment, isLocal, engine, model } = facts;
  const gpus = isLocal ? environment.gpus : [];
  const onCpu = isLocal && gpus.length === 0;
  const stated = settings.hardware?.toLowerCase() === 'cpu' ? null : settings.hardware;
  const flag = (names: readonly string[]) => flagValue(engine.commandLine ?? [], names);
  const count = (names: readonly string[]) => wholeNumber(flag(names));
  const params = engine.settings['n_params'];
  const told = (name: string) => {
    const value = engine.settings[name];
    return typeof value === 'string' ? value : null;
  };
  return {
    gpu: firstOf(['machine', gpus[0]?.name], ['given', stated]),
    gpuCount: firstOf(['given', settings.gpus], ['machine', onCpu ? 0 : gpus.length || null]),
    interconnect: firstOf(['given', settings.interconnect]),
    gpuMemoryBytes: firstOf(
      ['given', settings.gpuMemory === null ? null : settings.gpuMemory * 1e9],
      ['machine', gpus[0]?.memoryBytes],
    ),
    modelSize: firstOf(
      ['given', settings.modelSize],
      ['server', typeof params === 'number' ? shortCount(params) : null],
      ['model-name', sizeOfName(model.served) ?? sizeOfName(model.asked)],
    ),
    tensorParallel: firstOf(
      ['given', settings.tp],
      ['command-line', count(tensorFlags)],
      ['machine', onCpu ? 1 : null],
    ),
    pipelineParallel: firstOf(
      ['given', settings.pp],
      ['command-line', count(pipelineFlags)],
      ['machine', onCpu ? 1 : null],
    ),
    attentionBackend: firstOf(
      ['given', settings.attentionBackend],
      ['command-line', flag(['--attention-backend', '--flash-attn', '-fa'])],
      ['server', told('attention_backend')],
    ),
    schedulingPolicy: firstOf(
      ['given', settings.schedulingPolicy],
      ['command-line', flag(['--scheduling-policy', '--schedule-policy'])],
      ['server', told('scheduling_policy')],
    ),
  };
}

/** Stated by hand, and not so as far as this machine can see. */
export function checkSystem({ settings, environment, isLocal }: SystemFacts): Finding[] {
  const seen = environment.gpus.length;
  if (!isLocal || settings.gpus === null || settings.gpus <= seen) return [];
  return [
    {
      code: 'gpus-mismatch',
      severity: 'warning',
      message: `--gpus ${settings.gpus}, but this machine shows ${seen === 0 ? 'no GPU' : seen}.`,
    },
  ];
}

function firstOf<T>(...candidates: [FactSource, T | null | undefined][]): Fact<T> {
  for (const [from, value] of candidates) {
    if (value !== null && value !== undefined) return { value, from };
  }
  return { value: null, from: null };
}

/** `--name value` or `--name=value`; the last one counts, as it does for the programs. */
function flagValue(argv: readonly string[], names: readonly string[]): string | null {
  let found: string | null = null;
  argv.forEach((word, i) => {
    const [name, inline] = splitOnce(word);
    if (!names.includes(name)) return;
    const next = argv[i + 1];
    found = inline ?? (next === undefined || next.startsWith('-') ? 'on' : next);
  });
  return found;
}

function splitOnce(word: string): [string, string | null] {
  const at = word.indexOf('=');
  return at < 0 ? [word, null] : [word.slice(0, at), word.slice(at + 1)];
}

const wholeNumber = (text: string | null) =>
  text !== null && /^[1-9]\d*$/.test(text) ? Number(text) : null;

/** 134_515_008 -> `135M`, 8_030_261_248 -> `8B`, 70_553_706_496 -> `70.6B`. */
function shortCount(count: number): string {
  const [unit, size] = count >= 1e9 ? ['B', count / 1e9] : ['M', count / 1e6];
  return `${Number(size.toPrecision(3))}${unit}`;
}

/** `Llama-3.1-70B-Instruct` -> `70B`; null where a name has none, or several (`8x7B` has one). */
export function sizeOfName(name: string | null): string | null {
  const sizes = [...(name ?? '').matchAll(/(?<![a-z0-9.])(\d+x)?\d+(\.\d+)?[bm](?![a-z0-9])/gi)];
  return sizes.length === 1 ? (sizes[0]?.[0].toUpperCase().replace('X', 'x') ?? null) : null;
}
