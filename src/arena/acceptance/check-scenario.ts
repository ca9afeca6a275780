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
import { storableReference } from '../judge/stored-reference.ts';
import { expectations, judgeExpectation } from './expectation.ts';

/** A folder that is to be judged. */
export interface FolderToTry {
  id: string;
  part: CheckedFolder['part'];
  writtenAgainst: string | null;
  /** Of a cheat that has no chance in the sandbox: why; null = it has. */
  prevented: string | null;
}

/** What came of one. */
export interface TriedFolder {
  trial: TrialResult;
  score: TrialScore;
  judgement: Pick<Judgement, 'reference' | 'ground'>;
  tookS: number;
  /** Where its trial.json is. */
  path: string;
}

export interface CheckPorts {
  /** @param reference measured before; null = in this judgement */
  judge(folder: FolderToTry, reference: StoredReference | null): Promise<TriedFolder>;
  /** Null: the scenario has none. */
  askQuestions(): Promise<QuestionSetCheck | null>;
  /** After each step: a check of hours must not be lost with its last minute. */
  keep(soFar: CheckSoFar): Promise<void>;
  say(message: string): void;
}

/** What stands in scenario-check.json. */
export type CheckSoFar = Pick<ScenarioCheck, 'accepted' | 'why' | 'questions' | 'folders'>;

/** Of a check that was interrupted. */
export type EarlierCheck = Pick<ScenarioCheck, 'questions' | 'folders'>;

/**
 * Tries a scenario with everything that it has to tell apart, one after the other: the reference is
 * measured in the first judgement and stands in for all others. What an earlier check could tell is
 * not tried again.
 */
export async function checkScenario(
  order: {
    parts: readonly ScenarioCheckPart[];
    folders: readonly FolderToTry[];
    /** Names of cheats that are left out. */
    leftOut: readonly string[];
    reference: StoredReference | null;
    earlier: EarlierCheck | null;
  },
  ports: CheckPorts,
): Promise<CheckSoFar> {
  const told = new Map(
    (order.earlier?.folders ?? [])
      .filter(({ verdict }) => verdict !== 'unknown')
      .map((one) => [one.id, one]),
  );
  let questions = order.earlier?.questions ?? null;
  // In the order asked for, whatever was told first: what an earlier check knew is never left out.
  const soFar = (): CheckSoFar => {
    const folders = order.folders.flatMap(({ id }) => told.get(id) ?? []);
    return { ...verdictOf(order, questions, folders), questions, folders };
  };
  await ports.keep(soFar());
  if (order.parts.includes('questions') && questions === null) {
    questions = await ports.askQuestions();
    await ports.keep(soFar());
  }
  let { reference } = order;
  for (const folder of order.folders) {
    if (told.has(folder.id)) continue;
    const tried = await ports.judge(folder, reference);
    reference ??= storableReference(tried.judgement);
    const checked = describe(folder, tried, referenceScoreOf(told));
    told.set(folder.id, checked);
    await ports.keep(soFar());
    ports.say(progress(checked, soFar().folders, order.folders.length));
  }
  return soFar();
}

/** Of the reference as a submission; null = not judged, or not as expected. */
function referenceScoreOf(told: ReadonlyMap<string, CheckedFolder>): number | null {
  const reference = [...told.values()].find(({ part }) => part === 'reference');
  return reference?.verdict === 'as_expected' ? reference.score : null;
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
    ...judgeExpectation({
      ...{ part: folder.part, score, referenceScore, prevented: folder.prevented },
      against: trial.final?.checks.find(({ id }) => id === folder.writtenAgainst)?.verdict ?? null,
    }),
    tookS,
    trial: path,
  };
}

/** Each takes about as long as the longest that served; the reference, the slowest of all, is no measure. */
function progress(one: CheckedFolder, done: readonly CheckedFolder[], total: number): string {
  const left = total - done.length;
  const longestS = Math.max(
    ...done
      .filter(({ part, speedup }) => part !== 'reference' && speedup !== null)
      .map(({ tookS }) => tookS),
  );
  const most = Number.isFinite(longestS) ? `, at most about ${inWords(left * longestS)}` : '';
  const rest = left === 0 ? '' : `; ${left} left${most}`;
  return `${one.id}: ${one.outcome}, ${one.verdict.replaceAll('_', ' ')}, after ${inWords(one.tookS)}${rest}`;
}

const inWords = (seconds: number) =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;

/** Accepted is only what was tried whole. */
function verdictOf(
  order: {
    parts: readonly ScenarioCheckPart[];
    folders: readonly FolderToTry[];
    leftOut: readonly string[];
  },
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
  const asked = order.parts;
  const left = [
    ...scenarioCheckParts.filter((part) => !asked.includes(part)),
    ...order.leftOut,
    // Of a check under way.
    ...order.folders.map(({ id }) => id).filter((id) => folders.every((one) => one.id !== id)),
  ];
  const untried = left.length === 0 ? [] : [`not tried: ${left.join(', ')}`];
  const why = [...refused, ...unknown, ...untried];
  if (refused.length > 0) return { accepted: false, why };
  return { accepted: why.length > 0 ? null : true, why };
}
