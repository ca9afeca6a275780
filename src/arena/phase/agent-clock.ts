import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, repeatEvery } from '../../core/index.ts';

/** Minutes before the end at which an agent is told. */
const warnAtMinutes = [30, 10, 5];
/** The reserve is this share of the budget, and no more than so many seconds. */
const reserveShare = 0.1;
const mostReserveS = 300;

/** The agent's time, on the monotonic clock; goes on from what an earlier start has used. */
export interface AgentClock {
  readonly budgetS: number;
  /** In the last so many seconds no evaluation is begun: time to put the best state back. */
  readonly reserveS: number;
  elapsedS(): number;
  remainingS(): number;
  inReserve(): boolean;
}

export function createAgentClock(clock: Clock, budgetS: number, usedS: number): AgentClock {
  const startUs = clock.nowUs();
  const reserveS = Math.min(mostReserveS, reserveShare * budgetS);
  const elapsedS = () => usedS + (clock.nowUs() - startUs) / 1e6;
  const remainingS = () => Math.max(0, budgetS - elapsedS());
  return { budgetS, reserveS, elapsedS, remainingS, inReserve: () => remainingS() <= reserveS };
}

/** What the timer says, as data and in words. */
export function describeTime(time: AgentClock): {
  budgetS: number;
  elapsedS: number;
  remainingS: number;
  reserveS: number;
  inReserve: boolean;
  warnings: string[];
  text: string;
} {
  const remainingS = time.remainingS();
  const warnings = warnAtMinutes
    .filter((minutes) => minutes * 60 < time.budgetS && remainingS <= minutes * 60)
    .map((minutes) => `less than ${minutes} minutes left`);
  if (time.inReserve()) {
    warnings.push('reserve: no evaluation is begun any more; leave the state that is to be judged');
  }
  const head = `${minutesOf(remainingS)} left of ${minutesOf(time.budgetS)} (minutes:seconds)`;
  return {
    budgetS: time.budgetS,
    elapsedS: round(time.elapsedS()),
    remainingS: round(remainingS),
    reserveS: time.reserveS,
    inReserve: time.inReserve(),
    warnings,
    text: [head, ...warnings].join('\n'),
  };
}

/** Writes timer.json and timer.txt each second; readers see an old or a new one, never half. */
export function keepTimer(clock: Clock, time: AgentClock, folder: string) {
  return repeatEvery(clock, 1_000, async () => {
    const now = describeTime(time);
    const { text, ...data } = now;
    await replace(join(folder, 'timer.json'), `${JSON.stringify(data)}\n`);
    await replace(join(folder, 'timer.txt'), `${text}\n`);
  });
}

async function replace(path: string, text: string): Promise<void> {
  // A full disk must not end the trial.
  await writeFile(`${path}.new`, text)
    .then(() => rename(`${path}.new`, path))
    .catch(() => {});
}

const round = (value: number) => Math.round(value * 10) / 10;

function minutesOf(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
