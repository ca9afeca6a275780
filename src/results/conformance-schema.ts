import { z } from 'zod';
import { type Conformance, conformanceVerdicts } from '../model/index.ts';

/** See src/model/conformance.ts. */
const rowSchema = z.object({
  id: z.string().describe('family.name, stable.'),
  title: z.string(),
  asked: z.string(),
  verdict: z.enum(conformanceVerdicts),
  evidence: z.string().describe('From the wire: status, counts, shapes; no prompts, no texts.'),
  meaning: z.string().describe('What that verdict means for a benchmark.'),
});

export const conformanceSchema = z.object({
  schema: z.literal('inferencebench.conformance.v1'),
  startedAt: z.string(),
  endedAt: z.string(),
  status: z.enum(['complete', 'partial']),
  exitCode: z.number(),
  tool: z.object({ name: z.literal('inferencebench'), version: z.string() }),
  command: z.object({ argv: z.array(z.string()) }),
  server: z.object({
    endpoint: z.string(),
    engine: z.string().nullable(),
    version: z.string().nullable(),
    started: z.boolean().describe('By this command.'),
    commandLine: z.array(z.string()).nullable(),
    model: z.string(),
    contextTokens: z.number().nullable().describe('Of one request, prompt and output together.'),
    slots: z.number().nullable().describe('Requests served at once.'),
  }),
  api: z.enum(['chat', 'completions']),
  requests: z.number(),
  rows: z.array(rowSchema),
  required: z.array(z.string()).describe('Rows that had to be yes.'),
}) satisfies z.ZodType<Conformance>;
