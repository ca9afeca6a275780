import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScenarioClass } from '../../model/index.ts';
import { launcherFile } from '../judge/collect.ts';

/**
 * The folder of a launcher that a scenario owns: `reference/` or `oracle/`, and where the classes have
 * one each, `reference/small/`. Null where it has none.
 */
export async function launcherFolder(
  scenarioDir: string,
  role: 'reference' | 'oracle',
  size: ScenarioClass,
): Promise<string | null> {
  for (const folder of [join(scenarioDir, role, size), join(scenarioDir, role)]) {
    const found = await stat(join(folder, launcherFile)).catch(() => null);
    if (found?.isFile()) return folder;
  }
  return null;
}
