import { resolve } from 'node:path';
import {
  fewQuestions,
  type QuestionSet,
  readQuestions,
  type StoredScenario,
  shippedQuestions,
} from '../../../arena/index.ts';
import { BenchError } from '../../../core/index.ts';
import type { ScenarioClass } from '../../../model/index.ts';

/**
 * What the quality gate will ask: a file named here, else the scenario's own, else the facts that
 * come with bench.
 *
 * @param say told, before anything is started, where they are too few for the scenario
 * @throws BenchError USAGE_QUESTIONS
 */
export async function chooseQuestions(
  { stored, class: size }: { stored: StoredScenario; class: ScenarioClass },
  { given, cwd }: { given: string | null; cwd: string },
  say: (message: string) => void,
): Promise<QuestionSet> {
  const { quality } = stored.scenario.classes[size];
  if (quality === null) {
    if (given === null) return shippedQuestions;
    throw new BenchError(
      'USAGE_QUESTIONS',
      `--questions "${given}": scenario ${stored.scenario.id} asks none, its scoring has its own correctness.`,
      { hint: 'Leave --questions away.' },
    );
  }
  const set = await readNamed(given, quality.questions ?? null, { cwd, dir: stored.dir });
  const { minQuestions: wanted, marginPoints } = quality;
  const distinct = set.questions.length;
  if (distinct < wanted) {
    const told = fewQuestions({ name: set.name, distinct, wanted, marginPoints });
    say(`${told}; the score will be marked. More: --questions FILE`);
  }
  return set;
}

async function readNamed(
  given: string | null,
  own: string | null,
  { cwd, dir }: { cwd: string; dir: string },
): Promise<QuestionSet> {
  const name = given ?? own;
  if (name === null) return shippedQuestions;
  const [, hub] = /^(?:hub|hf):(.*)$/.exec(name) ?? [];
  if (hub !== undefined) {
    throw new BenchError(
      'USAGE_QUESTIONS',
      `Questions "${name}": bench downloads no data sets, so that a trial rests on a file that can be named by its hash.`,
      {
        hint: `Download ${hub === '' ? 'it' : hub} once, write it as JSON Lines (question, options, answer), and give the path: --questions FILE.`,
      },
    );
  }
  return readQuestions(resolve(given === null ? dir : cwd, name));
}
