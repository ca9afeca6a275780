import type { SystemSettings } from '../../../app/index.ts';
import { numberIn, parseText } from '../option.ts';
import type { OptionTable } from '../resolve.ts';

const group = 'System under test (stated where it cannot be read)';

export const systemOptions: OptionTable<SystemSettings> = {
  gpus: {
    flags: '--gpus <n>',
    group,
    description: 'GPUs that serve the model together; 0 = CPU',
    parse: numberIn({ min: 0, max: 1e6, integer: true }),
    default: null,
  },
  gpuMemory: {
    flags: '--gpu-memory <gb>',
    group,
    description: 'memory of one GPU, GB',
    parse: numberIn({ above: 0, max: 1e6 }),
    default: null,
  },
  interconnect: {
    flags: '--interconnect <text>',
    group,
    description: 'between the GPUs: NVLink, PCIe, ...',
    parse: parseText,
    default: null,
  },
  modelSize: {
    flags: '--model-size <text>',
    group,
    description: 'parameters of the model: 70B',
    parse: parseText,
    default: null,
  },
  tp: {
    flags: '--tp <n>',
    group,
    description: 'tensor parallel size',
    parse: numberIn({ min: 1, max: 1e6, integer: true }),
    default: null,
  },
  pp: {
    flags: '--pp <n>',
    group,
    description: 'pipeline parallel size',
    parse: numberIn({ min: 1, max: 1e6, integer: true }),
    default: null,
  },
  attentionBackend: {
    flags: '--attention-backend <id>',
    group,
    description: 'attention kernels of the engine: FLASH_ATTN, flashinfer, ...',
    parse: parseText,
    default: null,
  },
  schedulingPolicy: {
    flags: '--scheduling-policy <id>',
    group,
    description: "the engine's scheduling policy: fcfs, priority, lpm, ...",
    parse: parseText,
    default: null,
  },
  pricePerHour: {
    flags: '--price-per-hour <usd>',
    group,
    description: 'what everything that serves the model costs by the hour, for the cost of a token',
    parse: numberIn({ min: 0, max: 1e9 }),
    default: null,
  },
  priceInput: {
    flags: '--price-input <usd>',
    group,
    description: 'what a million input tokens cost at the endpoint; with --price-output',
    parse: numberIn({ min: 0, max: 1e9 }),
    default: null,
  },
  priceOutput: {
    flags: '--price-output <usd>',
    group,
    description: 'what a million output tokens cost there',
    parse: numberIn({ min: 0, max: 1e9 }),
    default: null,
  },
  prices: {
    flags: '--prices <file>',
    group,
    description:
      'JSON file of dated prices, of tokens by endpoint and model or of GPUs by the hour; "shipped" takes the GPU prices that come with bench',
    parse: parseText,
    default: null,
  },
};
