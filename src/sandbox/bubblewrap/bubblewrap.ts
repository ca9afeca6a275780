import { spawn } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getuid } from 'node:process';
import type { Duplex, Readable, Writable } from 'node:stream';
import { BenchError, messageOf, sleepMs } from '../../core/index.ts';
import type { EngineContext, ProcessExit, ProcessIdentity } from '../../engines/index.ts';
import {
  descendantsOf,
  identifyProcess,
  isProcessAlive,
  killAll,
  runCommand,
  sendSignal,
  tieToUs,
} from '../../engines/index.ts';
import { openCappedLog } from '../capped-log.ts';
import { createLimiter } from '../limits/limiter.ts';
import type { Sandbox, SandboxOptions } from '../sandbox.ts';
import { type Started, supervise } from '../supervise.ts';
import { followKeeper, type Keeper, keeperCommand } from './keeper.ts';
import { insideHome, insidePath, insideUser, madeFiles, viewArguments } from './view.ts';

const infoFd = 3;
const firstFileFd = 4;
const keeperFd = firstFileFd + madeFiles.length;

/**
 * Namespaces of its own for processes, files, network, IPC and the host name, by bwrap. Its
 * first process is bwrap's own; when that one ends, the kernel ends everything inside, whatever
 * session or parent it has moved to.
 */
export const bubblewrap: Sandbox = {
  id: 'bubblewrap',
  title: 'bubblewrap (namespaces)',
  isolates: true,
  available,
  placeOf: ({ to }) => to,
  async start(ctx, options) {
    await checkMounts(options);
    if (isRoot()) await giveAway(ctx, options.workspace.from);
    const limiter = await createLimiter(options.limits, true);
    const log = openCappedLog(options.log);
    const giveUp = async (why: string) => {
      log.close();
      await limiter.remove(ctx.clock);
      return new BenchError('ENGINE_SPAWN', `The sandbox did not start: ${why}.`, {
        hint: `Its log says more: ${options.log.path}.`,
      });
    };
    const [program = '', ...args] = [
      ...tieToUs(),
      ...limiter.prefix,
      ...(options.tracer ?? []),
      ...(await bwrapCommand(options)),
      ...(isRoot() ? becomeNobody : []),
      ...limiter.innerPrefix,
      ...keeperCommand(keeperFd),
      ...options.command,
    ];
    const child = spawn(program, args, {
      detached: true,
      env: { PATH: ctx.env['PATH'] },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', ...madeFiles.map(() => 'pipe' as const), 'pipe'],
    });
    child.stdout?.on('data', log.write);
    child.stderr?.on('data', log.write);
    let exit: ProcessExit | null = null;
    const exited = new Promise<ProcessExit>((resolve) => {
      // Once the outputs have ended too: the log is complete then.
      child.once('close', (code, signal) => {
        exit = { code, signal };
        resolve(exit);
      });
    });
    const spawned = await new Promise<Error | null>((resolve) => {
      child.once('spawn', () => resolve(null));
      child.once('error', resolve);
    });
    if (spawned !== null) throw await giveUp(messageOf(spawned));
    madeFiles.forEach(({ text }, index) => {
      const pipe = child.stdio[firstFileFd + index] as Writable;
      pipe.on('error', () => {});
      pipe.end(text);
    });
    const info = await readInfo(child.stdio[infoFd] as Readable);
    const initPid = info['child-pid'];
    if (initPid === undefined) {
      const { code } = await exited;
      throw await giveUp(`bwrap ended with exit code ${code}`);
    }
    return supervise(ctx, bubblewrap, options, {
      limiter,
      log,
      started: namespaceOf(ctx, {
        ...{ outerPid: child.pid ?? initPid, initPid, exited, exit: () => exit },
        keeperPipe: child.stdio[keeperFd] as Duplex,
      }),
    });
  },
};

async function checkMounts({ workspace, readOnly }: SandboxOptions): Promise<void> {
  for (const { from } of [workspace, ...readOnly]) {
    const found = await stat(from).catch(() => null);
    if (found === null) {
      throw new BenchError('PREREQ_SANDBOX', `There is no "${from}" to show in the sandbox.`, {
        hint: 'It was moved or deleted after the arena had found it: run it again.',
      });
    }
    const needed = found.isDirectory() ? 0o005 : 0o004;
    if (isRoot() && from !== workspace.from && (found.mode & needed) !== needed) {
      throw new BenchError(
        'PREREQ_SANDBOX',
        `"${from}" cannot be read by the user in the sandbox.`,
        {
          hint: `chmod -R o+rX "${from}"`,
        },
      );
    }
  }
}

/** Its files become those of the user inside; links are not followed. */
async function giveAway(ctx: EngineContext, folder: string): Promise<void> {
  const owner = `${insideUser}:${insideUser}`;
  const { code, stderr } = await runCommand(ctx, ['chown', '-R', '-h', owner, folder]);
  if (code === 0) return;
  throw new BenchError('PREREQ_SANDBOX', `"${folder}" cannot be given to the sandbox: ${stderr}`, {
    hint: 'Choose a folder on a file system that knows owners.',
  });
}

async function available(ctx: EngineContext): Promise<string | null> {
  if (ctx.platform !== 'linux') return 'bubblewrap is for Linux only';
  const version = await runCommand(ctx, ['bwrap', '--version'], { timeoutMs: 10_000 });
  if (version.code !== 0) {
    return 'there is no bwrap on PATH: install the package bubblewrap (apt-get install bubblewrap)';
  }
  const folder = await mkdtemp(join(tmpdir(), 'bench-sandbox-'));
  try {
    const sandboxed = await bubblewrap.start(ctx, {
      command: ['true'],
      workspace: { from: folder, to: '/workspace' },
      readOnly: [],
      env: {},
      limits: { memoryBytes: null, cpus: null, cpuset: null, processes: null, diskBytes: null },
      network: 'loopback',
      log: { path: join(folder, 'log'), maxBytes: 10_000 },
      timeLimitMs: 20_000,
    });
    const { code } = await sandboxed.exited;
    await sandboxed.stop();
    if (code === 0) return null;
    return `this machine does not let bwrap make namespaces (exit code ${code})`;
  } catch (error) {
    return `this machine does not let bwrap make namespaces (${messageOf(error)})`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const isRoot = () => getuid?.() === 0;

const userNamespace = [
  ...['--unshare-user', '--cap-drop', 'ALL'],
  ...['--uid', String(insideUser), '--gid', String(insideUser)],
];

/**
 * Root in a user namespace is still root to /proc/sys and the like, capabilities or not. So bwrap
 * makes the namespaces as root, and the program becomes somebody else before it starts.
 */
const becomeNobody = [
  ...['setpriv', '--reuid', String(insideUser), '--regid', String(insideUser), '--clear-groups'],
  ...['--inh-caps=-all', '--ambient-caps=-all', '--bounding-set=-all', '--no-new-privs', '--'],
];

/** Up to the program. */
async function bwrapCommand(options: SandboxOptions): Promise<string[]> {
  const { memoryBytes, diskBytes } = options.limits;
  // Its temporary folders are memory: they must not take all of it.
  const temporaryBytes =
    memoryBytes === null ? diskBytes : Math.min(diskBytes ?? memoryBytes, memoryBytes / 2);
  const env: Record<string, string> = {
    PATH: insidePath,
    HOME: insideHome,
    USER: 'agent',
    LOGNAME: 'agent',
    TMPDIR: '/tmp',
    LANG: 'C.UTF-8',
    ...options.env,
  };
  return [
    'bwrap',
    ...(isRoot() ? [] : userNamespace),
    ...['--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-uts'],
    ...['--unshare-cgroup-try', '--hostname', 'arena', '--die-with-parent', '--new-session'],
    ...['--info-fd', String(infoFd), '--clearenv'],
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
    ...(await viewArguments({
      workspace: options.workspace,
      readOnly: options.readOnly,
      temporaryBytes: temporaryBytes === null ? null : Math.floor(temporaryBytes),
      firstFd: firstFileFd,
      accelerators: options.accelerators === true,
    })),
    ...['--chdir', options.workspace.to, '--'],
  ];
}

/** What bwrap says of the namespaces that it made; empty when it ended before. */
async function readInfo(pipe: Readable): Promise<Partial<Record<string, number>>> {
  let text = '';
  for await (const piece of pipe.setEncoding('utf8')) {
    text += String(piece);
    // Its end may be a long way off: a tracer keeps the pipe open.
    if (text.trimEnd().endsWith('}')) break;
  }
  try {
    return JSON.parse(text) as Record<string, number>;
  } catch {
    return {};
  }
}

/** @param outerPid the bwrap that waits outside; its exit is that of the program */
function namespaceOf(
  ctx: EngineContext,
  {
    outerPid,
    initPid,
    exited,
    exit,
    keeperPipe,
  }: {
    outerPid: number;
    initPid: number;
    exited: Promise<ProcessExit>;
    exit: () => ProcessExit | null;
    keeperPipe: Duplex;
  },
): Started {
  const init = identifyProcess(initPid);
  const namespace = linkOf(initPid, 'pid');
  let outlived: ProcessIdentity[] | null = null;
  const keeper: Keeper = followKeeper(keeperPipe, () => {
    outlived = inside().filter(isProcessAlive);
  });
  const members = () =>
    exit() === null
      ? descendantsOf(initPid)
          .map(({ pid }) => pid)
          .filter((pid) => !keeper.is(pid))
      : [];
  const pid = () => (keeper.sawEnd() ? null : (members()[0] ?? null));
  // Without the first process, which may outlive bwrap by a moment, and the keeper.
  const inside = (): ProcessIdentity[] =>
    unique([
      ...descendantsOf(initPid),
      ...(namespace === null ? [] : inNamespace(namespace)).map(identifyProcess),
    ]).filter((one) => one.pid !== initPid && !keeper.is(one.pid));
  return {
    pid,
    members,
    exited,
    hasExited: () => exit() !== null,
    inNetwork: (command) => [
      'nsenter',
      // Only the owner of the sandbox's users may enter its network; root may anyway.
      ...(isRoot() ? [] : [`--user=/proc/${initPid}/ns/user`, '--preserve-credentials']),
      ...[`--net=/proc/${initPid}/ns/net`, '--'],
      ...command,
    ],
    async end(graceMs) {
      const startUs = ctx.clock.nowUs();
      const before = exit();
      let how: 'already-exited' | 'terminated' | 'killed' = 'already-exited';
      const atStop = before === null && !keeper.sawEnd() ? inside().filter(isProcessAlive) : null;
      if (before === null) {
        how = 'terminated';
        const program = pid();
        if (program !== null && graceMs > 0) sendSignal(program, 'SIGTERM');
        const timer = new AbortController();
        const grace = sleepMs(ctx.clock, graceMs, timer.signal).catch(() => {});
        await Promise.race([exited, grace]);
        timer.abort();
        if (exit() === null) how = 'killed';
      }
      const last = how === 'killed' ? inside().filter(isProcessAlive) : null;
      // Where the keeper was ended, too, nobody counted.
      const left = last ?? outlived ?? [];
      // The kernel ends all of a PID namespace with its first process.
      if (isProcessAlive(init)) sendSignal(initPid, 'SIGKILL');
      const stuck = await killAll(ctx.clock, [...left, init, ...inside()], 10_000);
      sendSignal(-outerPid, 'SIGKILL');
      const gone = await Promise.race([
        exited.then(() => true),
        sleepMs(ctx.clock, 10_000).then(() => false),
      ]);
      return {
        how,
        exit: exit(),
        sweptPids: left.map((one) => one.pid),
        alivePids: (atStop ?? outlived)?.map((one) => one.pid) ?? null,
        survivors: [...stuck.map((one) => one.pid), ...(gone ? [] : [outerPid])],
        tookMs: (ctx.clock.nowUs() - startUs) / 1000,
      };
    },
    endedBy: 'pid-namespace',
    // Its temporary folders are memory.
    scratch: [],
    cleanUp: async () => {},
  };
}

function inNamespace(namespace: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => linkOf(pid, 'pid') === namespace);
}

function linkOf(pid: number, kind: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    return null;
  }
}

function unique(processes: readonly ProcessIdentity[]): ProcessIdentity[] {
  return [...new Map(processes.map((entry) => [entry.pid, entry])).values()];
}
