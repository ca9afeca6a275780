import { z } from 'zod';

/** The system under test and what it drew; see src/model/system.ts and power.ts. */
const from = z
  .enum(['given', 'machine', 'server', 'command-line', 'model-name'])
  .nullable()
  .describe('Who says so.');
const textFact = z.object({ value: z.string().nullable(), from });
const numberFact = z.object({ value: z.number().nullable(), from });

export const systemSchema = z.object({
  gpu: textFact,
  gpuCount: numberFact.describe('0: the model runs on the CPU.'),
  interconnect: textFact,
  gpuMemoryBytes: numberFact,
  modelSize: textFact,
  tensorParallel: numberFact,
  pipelineParallel: numberFact,
  attentionBackend: textFact,
  schedulingPolicy: textFact,
});

export const powerInfoSchema = z.object({
  probe: z.string().nullable(),
  covers: z.string().nullable(),
  reason: z.string().nullable(),
  method: z.string().exactOptional().describe('Counter or integral, and of what.'),
  devices: z
    .array(
      z.object({
        name: z.string(),
        uuid: z.string().nullable(),
        model: z.string(),
        driver: z.string().nullable(),
        memoryBytes: z.number().nullable(),
        powerLimitW: z.number().nullable(),
        processes: z
          .array(
            z.object({ pid: z.number(), name: z.string(), memoryBytes: z.number().nullable() }),
          )
          .describe('Programs that were on it when the run began.'),
      }),
    )
    .exactOptional(),
});

const levelDeviceSchema = z.object({
  busyShare: z.number().nullable(),
  memoryUsedMaxBytes: z.number().nullable(),
  clockMeanMhz: z.number().nullable(),
  clockMinMhz: z.number().nullable(),
  temperatureMaxC: z.number().nullable(),
  clockLimits: z
    .record(z.string(), z.number())
    .nullable()
    .describe('What held the clock back, and at which share of the looks.'),
});

export const levelMachineSchema = z.object({
  busyShare: z.number().nullable(),
  stolenShare: z.number().nullable(),
  memoryAvailableMinBytes: z.number().nullable(),
  clockMeanMhz: z.number().nullable(),
  clockMinMhz: z.number().nullable(),
  throttleEvents: z.number().nullable(),
});

export const levelPowerSchema = z.object({
  avgW: z.number().nullable(),
  energyJ: z.number().nullable(),
  domainsW: z.record(z.string(), z.number().nullable()),
  samples: z.number(),
  reason: z.string().nullable(),
  devices: z.record(z.string(), levelDeviceSchema).exactOptional(),
});
