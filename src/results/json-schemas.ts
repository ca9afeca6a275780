import type { ZodType } from 'zod';

/** JSON Schema 2020-12 of `envelope.json`, as published in schemas/envelope.v1.schema.json. */
export async function envelopeJsonSchema(): Promise<Record<string, unknown>> {
  const { envelopeSchema } = await import('./envelope-schema.ts');
  return toJsonSchema(envelopeSchema, 'InferenceBench result envelope, v1');
}

/** JSON Schema of one line of `requests.jsonl`: schemas/request.v1.schema.json. */
export async function requestJsonSchema(): Promise<Record<string, unknown>> {
  const { requestLineSchema } = await import('./request-schema.ts');
  return toJsonSchema(requestLineSchema, 'InferenceBench request record, v1');
}

/** JSON Schema of `comparison.json`: schemas/comparison.v1.schema.json. */
async function comparisonJsonSchema(): Promise<Record<string, unknown>> {
  const { comparisonSchema } = await import('./comparison-schema.ts');
  return toJsonSchema(comparisonSchema, 'InferenceBench comparison, v1');
}

/** JSON Schema of what `bench conform` finds: schemas/conformance.v1.schema.json. */
async function conformanceJsonSchema(): Promise<Record<string, unknown>> {
  const { conformanceSchema } = await import('./conformance-schema.ts');
  return toJsonSchema(conformanceSchema, 'InferenceBench conformance of a server, v1');
}

/** The files of `schemas/` by name, byte for byte. */
export async function schemaFiles(): Promise<Record<string, string>> {
  const text = (schema: Record<string, unknown>) => `${JSON.stringify(schema, null, 2)}\n`;
  return {
    'comparison.v1.schema.json': text(await comparisonJsonSchema()),
    'conformance.v1.schema.json': text(await conformanceJsonSchema()),
    'envelope.v1.schema.json': text(await envelopeJsonSchema()),
    'request.v1.schema.json': text(await requestJsonSchema()),
  };
}

/** JSON Schema 2020-12 of a zod schema, as published in schemas/. */
export async function toJsonSchema(
  schema: ZodType,
  title: string,
): Promise<Record<string, unknown>> {
  const { z } = await import('zod');
  // Input side: later versions of v1 may add fields, so unknown ones are not refused.
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return { $schema, title, ...rest };
}
