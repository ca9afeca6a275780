import { createHash } from 'node:crypto';
import { access, readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { BenchError } from '../../core/index.ts';
import { commitTo } from '../trial/commitment.ts';
import { cannotGoOn, type Journal, journalFile, type TrialState } from './journal.ts';
import { orderFile, places } from './places.ts';
import { readUsed } from './used-time.ts';

/** States that have no order among themselves have one number. */
const ranks: Record<TrialState, number> = {
  prepared: 0,
  agent_starting: 1,
  agent_started: 1,
  agent_ended: 2,
  collected: 3,
  judged: 4,
  done: 5,
};

/**
 * Whether a trial's folder has what its journal says was reached, so that nothing is drawn, run or
 * judged anew that was settled before.
 * @throws BenchError RESULT_CORRUPT
 */
export async function checkLeft(folder: string, journal: Journal): Promise<void> {
  const at = places(folder);
  const refuse = (what: string, hint = cannotGoOn) =>
    new BenchError('RESULT_CORRUPT', `The trial in "${folder}" is not whole: ${what}.`, { hint });
  const isMissing = async (...paths: string[]) => !(await anyThere(paths));
  const states = journal.states();
  const latest = states.at(-1);
  if (latest === undefined) {
    const begun = await firstThere([at.secret, at.agentLog, at.used, at.submission, at.trial]);
    if (begun === null) return;
    const trace = `${basename(begun)} is there, but no state in ${journalFile}`;
    throw refuse(`${trace}; its secret may have been committed to, and another must not be drawn`);
  }
  checkOrder(states, (line, why) => refuse(`line ${line} of ${journalFile} ${why}`));
  const { disk, orderSha256 = null } = journal.need('prepared');
  if (orderSha256 !== null && (await hashOrder(folder)) !== orderSha256) {
    throw refuse(`its ${orderFile} is not the one that the trial was begun with`);
  }
  const rank = ranks[latest];
  if (rank >= ranks.judged) {
    if (await isMissing(at.trial)) {
      const what = `it was judged, but its ${basename(at.trial)} is missing`;
      throw refuse(
        what,
        `Bring the file back from a copy. What was judged is in "${at.submission}": bench arena judge measures it again, as another trial.`,
      );
    }
    return;
  }
  await readSecret(folder, journal);
  if (rank < ranks.agent_ended && (await isMissing(at.agent))) {
    throw refuse("the agent's program (agent/) is missing");
  }
  if (rank === ranks.agent_started) await readUsed(at.used);
  const image = `${at.workspace}.img`;
  if (rank < ranks.collected && (await isMissing(image))) {
    if (await isMissing(at.workspace)) throw refuse('the workspace is missing');
    // While it is still mounted, what is in it is there.
    if (disk === 'file-system' && (await readdir(at.workspace)).length === 0) {
      const what = latest === 'prepared' ? 'what was in the workspace' : "the agent's work";
      throw refuse(`${basename(image)} is missing, and ${what} with it`);
    }
  }
  if (rank === ranks.collected) {
    const { submission, last = null } = journal.need('collected');
    for (const [what, path] of [
      [submission, at.submission],
      [last, at.last],
    ] as const) {
      if (what === null || !(await isMissing(path))) continue;
      throw refuse(`what was collected (${basename(path)}/) is missing`);
    }
  }
}

/** SHA-256 of the order in a trial's folder; null = there is none. */
export async function hashOrder(folder: string): Promise<string | null> {
  const order = await readFile(places(folder).order).catch(() => null);
  return order === null ? null : createHash('sha256').update(order).digest('hex');
}

/**
 * The secret that was committed to.
 * @throws BenchError RESULT_CORRUPT
 */
export async function readSecret(folder: string, journal: Journal): Promise<Buffer> {
  const { secret: path } = places(folder);
  const text = await readFile(path, 'utf8').catch(() => '');
  const secret = Buffer.from(text, 'hex');
  if (commitTo(secret) === journal.need('prepared').secretSha256) return secret;
  const what = text === '' ? 'is missing' : 'is not the one whose hash was published';
  throw new BenchError('RESULT_CORRUPT', `The secret of the trial, "${path}", ${what}.`, {
    hint: cannotGoOn,
  });
}

function checkOrder(
  states: readonly TrialState[],
  refuse: (line: number, why: string) => BenchError,
): void {
  let before: TrialState | null = null;
  for (const [index, state] of states.entries()) {
    const at: number = before === null ? -1 : ranks[before];
    const isAgain = at === ranks[state] && at === ranks.agent_started;
    if (ranks[state] !== at + 1 && !isAgain) {
      const why = before === null ? 'where "prepared" has to be' : `right after "${before}"`;
      throw refuse(index + 1, `is "${state}" ${why}: lines are missing or were changed`);
    }
    before = state;
  }
}

async function firstThere(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return null;
}

const anyThere = async (paths: readonly string[]) => (await firstThere(paths)) !== null;
