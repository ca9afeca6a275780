import type { Clock } from '../../core/index.ts';

/** Deadlines of equal length, so that they fall due in the order in which they were set. */
export interface DeadlineQueue<T> {
  add(item: T): void;
  delete(item: T): void;
  clear(): void;
}

/** What falls due within one tick of the timers falls due together. */
const timerGrainUs = 1000;
/** Longer ones fire at once. */
const maxTimerMs = 2 ** 31 - 1;

/** One timer for all of them: it sleeps until the oldest is due, and sets itself again. */
export function createDeadlineQueue<T>(
  clock: Clock,
  lengthMs: number,
  onDue: (item: T) => void,
): DeadlineQueue<T> {
  const dueUs = new Map<T, number>();
  let timer: NodeJS.Timeout | null = null;

  function arm(atUs: number): void {
    timer = setTimeout(
      fire,
      Math.min(maxTimerMs, Math.max(1, Math.ceil((atUs - clock.nowUs()) / 1000))),
    );
    // Sockets keep a process alive; a deadline that nothing waits for must not.
    timer.unref();
  }

  function fire(): void {
    timer = null;
    const nowUs = clock.nowUs();
    for (const [item, atUs] of dueUs) {
      if (atUs > nowUs + timerGrainUs) {
        arm(atUs);
        return;
      }
      dueUs.delete(item);
      onDue(item);
    }
  }

  return {
    add(item) {
      const atUs = clock.nowUs() + lengthMs * 1000;
      dueUs.set(item, atUs);
      if (timer === null) arm(atUs);
    },
    delete(item) {
      dueUs.delete(item);
    },
    clear() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      dueUs.clear();
    },
  };
}
