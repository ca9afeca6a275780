import type { EngineContext, ProcessExit, StopReceipt } from '../engines/index.ts';

/** A way to run a program that is not trusted, and to end it with everything it started. */
export interface Sandbox {
  readonly id: string;
  readonly title: string;
  /** False: the program sees and does what its user can. Results made in it are marked unsandboxed. */
  readonly isolates: boolean;
  /** Why it cannot be used on this machine, and what to do about it; null = it can be. */
  available(ctx: EngineContext): Promise<string | null>;
  /** Where the program finds what is mounted; a sandbox that does not isolate leaves it in place. */
  placeOf(mount: SandboxMount): string;
  /**
   * Starts a program. It dies when this process does, whatever the cause. Call from the main
   * thread: the kernel counts the death of the starting thread.
   * @throws BenchError `PREREQ_SANDBOX` (cannot be used here), `ENGINE_SPAWN`
   */
  start(ctx: EngineContext, options: SandboxOptions): Promise<Sandboxed>;
}

/** A file or folder of this machine, and its path inside. Both absolute. */
export interface SandboxMount {
  from: string;
  to: string;
}

export interface SandboxOptions {
  /** Paths as `placeOf` gives them. */
  command: readonly string[];
  /** A command line of this machine that starts the rest and follows it from outside: strace. */
  tracer?: readonly string[];
  /** The one folder of this machine that it may write, and its working directory. */
  workspace: SandboxMount;
  /** What it may read beside the system's programs and libraries; also Unix sockets to connect to. */
  readOnly: readonly SandboxMount[];
  /** All of its environment beside PATH, HOME, TMPDIR and LANG: nothing is inherited. */
  env: Readonly<Record<string, string>>;
  limits: SandboxLimits;
  /** Shows it the accelerators of this machine; absent: none, where the sandbox isolates. */
  accelerators?: boolean;
  /** Its own loopback and nothing else. */
  network: 'loopback';
  /** Both of its outputs. What goes beyond `maxBytes` is dropped, and the log says so. */
  log: { path: string; maxBytes: number };
  /** Ended as by `stop` after so long; null = no limit. */
  timeLimitMs: number | null;
  /** Between the end of its time and being killed; 5 s unless said. */
  timeLimitGraceMs?: number;
}

/** Null: no limit. */
export interface SandboxLimits {
  memoryBytes: number | null;
  /** How many CPUs' time it gets. */
  cpus: number | null;
  /** Which CPUs it may run on, as taskset lists them: `0-2,5`. */
  cpuset: string | null;
  /** Processes and threads. */
  processes: number | null;
  /** Of the workspace, and each of the private home and /tmp; as a plain process, of all together. */
  diskBytes: number | null;
}

/** A program in its sandbox. */
export interface Sandboxed {
  readonly sandbox: string;
  readonly isolated: boolean;
  /** The program itself, as seen from here; null before it is up and once it has ended. */
  pid(): number | null;
  /** Every process inside, as seen from here, the program first. */
  members(): number[];
  readonly exited: Promise<ProcessExit>;
  hasExited(): boolean;
  /**
   * The command line that runs a program of *this* machine with the sandbox's network alone: own
   * files, own processes, none of its limits. Without a network of its own: the command as it is.
   */
  inNetwork(command: readonly string[]): readonly string[];
  /**
   * Terminates it, waits the grace (5 s unless said), kills everything inside and looks for
   * survivors. May be called again, also after it has ended by itself: only the receipt proves
   * that nothing is left.
   */
  stop(options?: { graceMs?: number }): Promise<SandboxReceipt>;
}

/** What the end came to. `survivors` other than empty is a fault of the machine, never ignored. */
export interface SandboxReceipt extends StopReceipt {
  sandbox: string;
  isolated: boolean;
  /** Its time limit ended it. */
  timedOut: boolean;
  /**
   * Processes that lived when its end began: of a program that had ended by itself those that it left
   * behind, else the program and all others. Null: not known.
   */
  aliveAtStop: number | null;
  /** What ends those that outlive the program: the kernel, with their namespace, or a signal to each. */
  endedBy: 'pid-namespace' | 'signals';
  limits: LimitReport[];
  /** Most memory that it held at once; null = not known. */
  memoryPeakBytes: number | null;
}

/** One limit: who held it, and whether the program ran into it. */
export interface LimitReport {
  limit: keyof SandboxLimits;
  asked: number | string;
  /**
   * `cgroup-v1`, `cgroup-v2`: by the kernel. `rlimit`: by the kernel, for each process. `file-system`: the
   * workspace is a file system of that size. `watched`: looked at again and again, and ended when
   * it is over. `affinity`: set at the start, and the program can change it. `machine`: it has no
   * more. `none`: nobody.
   */
  by:
    | 'cgroup-v1'
    | 'cgroup-v2'
    | 'rlimit'
    | 'file-system'
    | 'watched'
    | 'affinity'
    | 'machine'
    | 'none';
  /** Null: not known. */
  reached: boolean | null;
}
