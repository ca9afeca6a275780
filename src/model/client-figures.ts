/** What one thread of the client did while it was watched. Null: this system does not tell. */
export interface ThreadFigures {
  /** `io-0`, `main`. */
  name: string;
  wallMs: number;
  /** Time on a core, over wall time. */
  cpuShare: number | null;
  /** Time ready to run without a core to run on, over wall time: the machine was too busy. */
  cpuWaitShare: number | null;
  /** Share of the time that the event loop worked rather than waited. */
  loopBusyShare: number | null;
  loopTurns: number | null;
  /** Socket reads, writes and timers that the loop served. */
  socketEvents: number | null;
  /** How much later than due a 5 ms timer ran; timers count whole milliseconds, so 1 is the floor. */
  loopDelayP99Ms: number | null;
  loopDelayMaxMs: number | null;
  gcPauses: number;
  gcTotalMs: number;
  gcMaxPauseMs: number;
}

/** A distribution in a few numbers, milliseconds; null when nothing was seen. */
export interface LagFigures {
  count: number;
  p50Ms: number | null;
  p99Ms: number | null;
  maxMs: number | null;
}

/** What an I/O thread measured about itself during one level. */
export interface IoThreadFigures extends ThreadFigures {
  /** How late the pacer woke for each send; empty in a closed loop, which has no schedule. */
  pacerLag: LagFigures;
  /** Work between two polls of the sockets: what came in meanwhile was stamped that late at most. */
  turn: LagFigures;
  /**
   * How late a byte is stamped, p99, milliseconds: by the time that the loop was away from its
   * sockets, working or napping, or by how late the thread wakes when something comes.
   */
  stampLateP99Ms: number;
  /** Share of the time that the loop polled because of its load. */
  pollingShare: number;
  /** How far this thread's stamps may be off the run's clock, microseconds. */
  clockErrorUs: number;
  /** The kernel was told not to delay this thread's short sleeps. */
  sleepsTightened: boolean;
  socketsMax: number;
  inFlightMax: number;
  /** Most requests in flight beyond the sockets there were at the same look. */
  socketsMissing: number;
}

/** The client's own figures of one level: what its stamps and its load are worth. */
export interface LoadFigures {
  transport: string;
  ioThreads: IoThreadFigures[];
  mainThread: ThreadFigures;
  /** V8 helper threads that were moved behind the I/O threads. */
  helpersLowered: number;
  /** Actual minus intended send time, waits for connections and slots taken out; open loop only. */
  sendLag: LagFigures;
  sent: number;
  /** Connections at most at once; null where nobody counted. */
  socketsMax: number;
  /** Requests in flight at most at once: as many connections as were needed. */
  inFlightMax: number;
  /** Most requests in flight beyond the sockets there were at the same look, over all threads. */
  socketsMissing: number;
  /** Token chunks that came in one network read with the chunk before; null without chunks. */
  coalescedShare: number | null;
  /** Bytes that had arrived and were not yet read, looked at twice a second; null where unknown. */
  unreadBytesMax: number | null;
  bodies: BodyFigures;
}

/** Request bodies, serialised ahead of their sends and away from the I/O threads. */
export interface BodyFigures {
  made: number;
  bytes: number;
  /** SHA-256 over the counted bodies in order, one chain per I/O thread; null when not all were made. */
  sha256: string | null;
  /** Sends that had to wait for their body. */
  ranDry: number;
  ranDryMaxMs: number;
}
