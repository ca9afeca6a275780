import type { Clock } from '../../core/index.ts';

/**
 * Stamps of network reads. All sockets that are read in one turn of the event loop were readable
 * when the turn's poll returned, so the first read's stamp is the tightest upper bound for each of
 * them: it is used again until the turn ends. Not for what may have come later: a second read of
 * the same socket in that turn, or whatever follows the first token of a read.
 */
export interface PollStamps {
  /**
   * A read begins.
   * @param lastTurn `turn` as it was after that socket's previous read, or its last send
   */
  begin(lastTurn: number): void;
  /** The stamp of what is being read. */
  readonly nowUs: number;
  /** `nowUs` is older than the read itself. */
  readonly isReused: boolean;
  /** Takes the time anew for the rest of this read. @returns it */
  refresh(): number;
  /** Number of the current turn; changes when its first read begins and when it ends. */
  readonly turn: number;
}

/** libuv polls again, within one turn, after a full batch of 1024 events. */
const maxReuses = 1000;

export function createPollStamps(clock: Clock): PollStamps {
  let turn = 0;
  let pollUs = 0;
  let reuses = 0;
  let isArmed = false;
  let nowUs = 0;
  let isReused = false;

  const endTurn = () => {
    isArmed = false;
    turn++;
  };

  return {
    begin(lastTurn) {
      if (isArmed && lastTurn !== turn && reuses < maxReuses) {
        reuses++;
        nowUs = pollUs;
        isReused = true;
        return;
      }
      nowUs = clock.nowUs();
      isReused = false;
      if (isArmed && lastTurn === turn) return;
      pollUs = nowUs;
      reuses = 0;
      if (!isArmed) {
        isArmed = true;
        // What was sent before this turn's poll is of another turn.
        turn++;
        setImmediate(endTurn);
      }
    },
    refresh() {
      nowUs = clock.nowUs();
      isReused = false;
      return nowUs;
    },
    get nowUs() {
      return nowUs;
    },
    get isReused() {
      return isReused;
    },
    get turn() {
      return turn;
    },
  };
}
