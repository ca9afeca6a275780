import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { BenchError, createRegistry, packageFile, pathTrouble } from '../../core/index.ts';
import type { Scenario } from '../../model/index.ts';
import { readDataFile, shippedNames } from '../data-files.ts';
import { findRules } from '../scoring/read-rules.ts';

const scenarioFile = 'scenario.json';
const folder = () => packageFile('scenarios/');

/** A scenario and what identifies its text. */
export interface StoredScenario {
  scenario: Scenario;
  /** Its folder. */
  dir: string;
  /**
   * SHA-256 of its file, and of the launcher's where it owns the one that it measures against: trials
   * of other texts are not comparable.
   */
  sha256: string;
}

/** All scenarios that come with bench, in the order of their labels. */
export async function listScenarios(): Promise<StoredScenario[]> {
  const dirs = (await shippedNames(folder())).map((id) => join(folder(), id));
  const all = await Promise.all(dirs.map(readScenario));
  return all.toSorted((a, b) => (a.scenario.label < b.scenario.label ? -1 : 1));
}

/** Whether it is the path of a scenario's folder, and not an id. */
export const isScenarioPath = (name: string) => /[/\\.]/.test(name);

/**
 * A scenario by its id, or by the path of its folder or of its scenario.json (recognised by a slash or
 * a dot).
 * @throws BenchError USAGE_UNKNOWN_SCENARIO, USAGE_SCENARIO_FILE, USAGE_UNKNOWN_SCORING_RULES
 */
export async function findScenario(name: string, cwd: string): Promise<StoredScenario> {
  if (isScenarioPath(name)) {
    return readScenario(await scenarioDir(name, resolve(cwd, name)));
  }
  const known = (await shippedNames(folder())).map((id) => ({ id }));
  const { id } = createRegistry('scenario', known).get(name);
  return readScenario(join(folder(), id));
}

async function scenarioDir(name: string, path: string): Promise<string> {
  const isFile = basename(path) === scenarioFile;
  const refuse = (why: string) =>
    new BenchError('USAGE_SCENARIO_FILE', `Scenario "${name}": ${why}.`, {
      hint: `Name a folder with ${scenarioFile}, or a scenario that comes with bench: bench arena scenario list`,
    });
  const found = await stat(path).catch((error: unknown) => {
    throw refuse(pathTrouble(error, isFile ? 'file' : 'folder'));
  });
  if (found.isDirectory()) return path;
  if (isFile) return dirname(path);
  throw refuse(`it is a file, and no ${scenarioFile}`);
}

async function readScenario(dir: string): Promise<StoredScenario> {
  const { scenarioSchema } = await import('./scenario-schema.ts');
  const file = join(dir, scenarioFile);
  const bad = (why: string) =>
    new BenchError('USAGE_SCENARIO_FILE', `Scenario file "${file}": ${why}.`, {
      hint: 'docs/guides/write-a-scenario.md says what a scenario holds.',
    });
  const { value: scenario, text } = await readDataFile(file, scenarioSchema, bad);
  const problem = await problemOf(scenario, basename(dir));
  if (problem !== null) throw bad(problem);
  const hash = createHash('sha256').update(text);
  for (const path of await launcherFiles(scenario, dir)) {
    hash.update(`\0${relative(dir, path)}\0`).update(await readFile(path));
  }
  return { scenario, dir, sha256: hash.digest('hex') };
}

/** What a scenario measures against, where that is a launcher of its own. */
async function launcherFiles({ classes }: Scenario, dir: string): Promise<string[]> {
  const owns = Object.values(classes).some(({ reference }) => reference.kind === 'launcher');
  if (!owns) return [];
  const folder = join(dir, 'reference');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

/** What a schema cannot see: its folder's name, and what its scoring needs. */
async function problemOf(scenario: Scenario, name: string): Promise<string | null> {
  const { id, classes, scoring } = scenario;
  if (id !== name) return `its id is "${id}", its folder "${name}"`;
  const rules = await findRules(scoring);
  const scored = rules.scenarios.find((one) => one.id === id);
  // Rules of one's own come with --rules when scores are made.
  if (scored === undefined) return null;
  for (const [size, { profiles }] of Object.entries(classes)) {
    const missing = scored.profiles.filter((wanted) => !profiles.some((one) => one.id === wanted));
    if (missing.length > 0)
      return `class ${size} lacks profile ${missing.join(', ')} of ${scoring}`;
  }
  return null;
}
