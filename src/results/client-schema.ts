import { z } from 'zod';

const figure = z.number().nullable();

export const clientVerdictSchema = z.object({
  verdict: z.enum(['ok', 'degraded', 'bottleneck']),
  reason: z.string(),
  errorMs: z
    .object({ ttft: figure, ttftService: figure, itl: figure, e2e: figure })
    .describe('What the client itself may have added, milliseconds at p99.'),
});

const lagSchema = z.object({ count: z.number(), p50Ms: figure, p99Ms: figure, maxMs: figure });

const threadSchema = z.object({
  name: z.string(),
  wallMs: z.number(),
  cpuShare: figure,
  cpuWaitShare: figure,
  loopBusyShare: figure,
  loopTurns: figure,
  socketEvents: figure,
  loopDelayP99Ms: figure,
  loopDelayMaxMs: figure,
  gcPauses: z.number(),
  gcTotalMs: z.number(),
  gcMaxPauseMs: z.number(),
});

/** What the client measured of itself during one level. */
export const loadFiguresSchema = z.object({
  transport: z.string(),
  ioThreads: z.array(
    threadSchema.extend({
      pacerLag: lagSchema,
      turn: lagSchema,
      stampLateP99Ms: z.number(),
      pollingShare: z.number(),
      clockErrorUs: z.number(),
      sleepsTightened: z.boolean(),
      socketsMax: z.number(),
      inFlightMax: z.number(),
      // Results from before it was counted.
      socketsMissing: z.number().default(0),
    }),
  ),
  mainThread: threadSchema,
  helpersLowered: z.number(),
  sendLag: lagSchema,
  sent: z.number(),
  socketsMax: z.number(),
  inFlightMax: z.number(),
  socketsMissing: z.number().default(0),
  coalescedShare: figure,
  unreadBytesMax: figure,
  bodies: z.object({
    made: z.number(),
    bytes: z.number(),
    sha256: z.string().nullable(),
    ranDry: z.number(),
    ranDryMaxMs: z.number(),
  }),
});

const errorSchema = z.object({ meanMs: figure, p99Ms: figure });

export const selftestSchema = z.object({
  schema: z.literal('inferencebench.selftest.v1'),
  at: z.string(),
  toolVersion: z.string(),
  hostnameHash: z.string(),
  cpuCount: z.number(),
  transport: z.string(),
  levels: z.array(
    z.object({
      load: z.string(),
      tokensPerS: z.number(),
      requests: z.number(),
      ttft: errorSchema,
      itl: errorSchema,
      e2e: errorSchema,
      send: errorSchema,
      inFlightAsked: figure,
      inFlightReached: figure,
      keptUp: z.boolean(),
    }),
  ),
  notRun: z.array(z.string()).optional(),
  maxTokensPerS: figure,
});
