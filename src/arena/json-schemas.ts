import { toJsonSchema } from '../results/index.ts';

/** The arena's files of `schemas/` by name, byte for byte. */
export async function arenaSchemaFiles(): Promise<Record<string, string>> {
  const { trialSchema } = await import('./trial/trial-schema.ts');
  const { scenarioSchema } = await import('./scenario/scenario-schema.ts');
  const { rulesSchema } = await import('./scoring/rules-schema.ts');
  const text = async (schema: Parameters<typeof toJsonSchema>[0], title: string) =>
    `${JSON.stringify(await toJsonSchema(schema, title), null, 2)}\n`;
  return {
    'scenario.v1.schema.json': await text(scenarioSchema, 'InferenceBench arena scenario, v1'),
    'scoring.v1.schema.json': await text(rulesSchema, 'InferenceBench arena scoring rules, v1'),
    'trial.v1.schema.json': await text(trialSchema, 'InferenceBench arena trial result, v1'),
  };
}
