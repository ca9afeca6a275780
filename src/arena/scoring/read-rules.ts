import { join } from 'node:path';
import { BenchError, createRegistry, packageFile } from '../../core/index.ts';
import type { ScoringRules } from '../../model/index.ts';
import { readDataFile, shippedNames } from '../data-files.ts';

const folder = () => packageFile('assets/scoring/');

/**
 * Scoring rules by id, as they come with bench.
 * @throws BenchError USAGE_UNKNOWN_SCORING_RULES
 */
export async function findRules(id: string): Promise<ScoringRules> {
  const names = (await shippedNames(folder())).filter((name) => name.endsWith('.json'));
  const known = names.map((name) => ({ id: name.slice(0, -'.json'.length), name }));
  const { name } = createRegistry('scoring rules', known).get(id);
  return readRulesFile(join(folder(), name));
}

/** @throws BenchError USAGE_RULES_FILE */
export async function readRulesFile(file: string): Promise<ScoringRules> {
  const { rulesSchema } = await import('./rules-schema.ts');
  const bad = (why: string) =>
    new BenchError('USAGE_RULES_FILE', `Rules file "${file}": ${why}.`, {
      hint: 'docs/guides/reading-a-score.md says what rules hold; assets/scoring/ has those of bench.',
    });
  const { value } = await readDataFile(file, rulesSchema, bad);
  return value;
}
