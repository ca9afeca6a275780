import {
  type CheckedFolder,
  type QuestionSetCheck,
  type ScenarioCheck,
  type ScenarioCheckPart,
  scenarioCheckParts,
  type TrialResult,
  type TrialScore,
} from '../../model/index.ts';
import type { Judgement, StoredReference } from '../judge/order.ts';
import { expectations, judgeExpectation } from './expectation.ts';

/** A folder that is to be judged. */
export interface FolderToTry {
  id: string;
  part: CheckedFolder['part'];
  writtenAgainst: string | null;
}

/** What came of one. */
export interface TriedFolder {
  trial: TrialResult;
  score: TrialScore;
  reference: Judgement['reference'];
  tookS: number;
  /** Where its trial.json is. */
  path: string;
}

export interface CheckPorts {
  /** @param reference measured before; null = in this judgement */
  judge(folder: FolderToTry, reference: StoredReference | null): Promise<TriedFolder>;
  /** Null: the scenario has none. */
  askQuestions(): Promise<QuestionSetCheck | null>;
  say(message: string): void;
}

/**
 * Tries a scenario with everything that it has to tell apart, one after the other: the reference is
 * measured in the first judgement and stands in for all others.
 */
export async function checkScenario(
  order: {
    parts: readonly ScenarioCheckPart[];
    folders: readonly FolderToTry[];
    /** Names of cheats that are left out. */
    leftOut: readonly string[];
    reference: StoredReference | null;
  },
  ports: CheckPorts,
): Promise<Pick<ScenarioCheck, 'accepted' | 'why' | 'questions' | 'folders'>> {
  const questions = order.parts.includes('questions') ? await ports.askQuestions() : null;
  const folders: CheckedFolder[] = [];
  let { reference } = order;
  let referenceScore: number | null = null;
  for (const folder of order.folders) {
    const tried = await ports.judge(folder, reference);
    const { launches, aloneP50Ms } = tried.reference;
    if (reference === null && aloneP50Ms !== null && launches.length > 0) {
      reference = { launches, aloneP50Ms };
    }
    const checked = describe(folder, tried, referenceScore);
    folders.push(checked);
    if (folder.part === 'reference' && checked.verdict === 'as_expected') {
      referenceScore = tried.score.score;
    }
    ports.say(progress(checked, folders, order.folders.length));
  }
  return { ...verdictOf(order, questions, folders), questions, folders };
}

function describe(
  folder: FolderToTry,
  { trial, score, tookS, path }: TriedFolder,
  referenceScore: number | null,
): CheckedFolder {
  return {
    id: folder.id,
    part: folder.part,
    expected: expectations[folder.part],
    outcome: score.outcome,
    reason: score.reason,
    score: score.score,
    speedup: score.speedup,
    failedChecks: (trial.final?.checks ?? [])
      .filter(({ verdict }) => verdict === 'fail')
      .map(({ id }) => id),
    writtenAgainst: folder.writtenAgainst,
    ...judgeExpectation({ part: folder.part, score, referenceScore }),
    tookS,
    trial: path,
  };
}

/** Of those that serve, each takes about as long as the longest so far. */
function progress(one: CheckedFolder, done: readonly CheckedFolder[], total: number): string {
  const left = total - done.length;
  const longestS = Math.max(...done.map(({ tookS }) => tookS));
  const rest = left === 0 ? '' : `; ${left} left, at most about ${inWords(left * longestS)}`;
  return `${one.id}: ${one.outcome}, ${one.verdict.replaceAll('_', ' ')}, after ${inWords(one.tookS)}${rest}`;
}

const inWords = (seconds: number) =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;

/** Accepted is only what was tried whole. */
function verdictOf(
  { parts, leftOut }: { parts: readonly ScenarioCheckPart[]; leftOut: readonly string[] },
  questions: QuestionSetCheck | null,
  folders: readonly CheckedFolder[],
): Pick<ScenarioCheck, 'accepted' | 'why'> {
  const refused = [
    ...(questions?.accepted === false ? [`questions: ${questions.why}`] : []),
    ...folders
      .filter(({ verdict }) => verdict === 'not_as_expected')
      .map(({ id, why }) => `${id}: ${why}`),
  ];
  const unknown = folders
    .filter(({ verdict }) => verdict === 'unknown')
    .map(({ id, why }) => `${id}: not to be told (${why})`);
  const left = [...scenarioCheckParts.filter((part) => !parts.includes(part)), ...leftOut];
  const untried = left.length === 0 ? [] : [`not tried: ${left.join(', ')}`];
  const why = [...refused, ...unknown, ...untried];
  if (refused.length > 0) return { accepted: false, why };
  return { accepted: why.length > 0 ? null : true, why };
}
