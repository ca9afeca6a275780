import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { descendantsOf, identifyProcess, isProcessAlive, spawnTree } from '../engines/index.ts';
import { openCappedLog } from './capped-log.ts';
import { createLimiter } from './limits/limiter.ts';
import type { Sandbox } from './sandbox.ts';
import { supervise } from './supervise.ts';

const isAlive = (pid: number) => isProcessAlive(identifyProcess(pid));

/**
 * No sandbox: a plain program of this user, with a home of its own and with those limits that the
 * kernel holds. It sees the machine and its network, and can read whatever the user can.
 */
export const plainProcess: Sandbox = {
  id: 'process',
  title: 'plain process (not a sandbox)',
  isolates: false,
  available: async () => null,
  placeOf: ({ from }) => from,
  async start(ctx, options) {
    const limiter = await createLimiter(options.limits, false);
    const log = openCappedLog(options.log);
    const home = await mkdtemp(join(tmpdir(), 'bench-process-'));
    // The tree takes over the environment of its context: of that it gets what every program needs.
    const { PATH, LANG } = ctx.env;
    const tree = await spawnTree(
      { ...ctx, env: { PATH, LANG } },
      {
        command: [...limiter.prefix, ...(options.tracer ?? []), ...options.command],
        env: { HOME: home, TMPDIR: home, ...options.env },
        logPath: log.write,
        cwd: options.workspace.from,
      },
    ).catch(async (error: unknown) => {
      log.close();
      await limiter.remove(ctx.clock);
      await rm(home, { recursive: true, force: true });
      throw error;
    });
    const members = () => {
      const pid = tree.enginePid();
      if (pid === null) return [];
      return [pid, ...descendantsOf(pid).map((one) => one.pid)];
    };
    const endedBy = tree.isolation === 'pid-namespace' ? 'pid-namespace' : 'signals';
    return supervise(ctx, plainProcess, options, {
      limiter,
      log,
      started: {
        pid: tree.enginePid,
        members,
        exited: tree.exited,
        hasExited: tree.hasExited,
        inNetwork: (command) => command,
        async end(graceMs) {
          // Once the program has ended, what it left has lost its parent, or is gone with its namespace.
          const alivePids = tree.hasExited() ? null : members().filter(isAlive);
          return { ...(await tree.stop({ graceMs })), alivePids };
        },
        endedBy,
        scratch: [home],
        cleanUp: () => rm(home, { recursive: true, force: true }),
      },
    });
  },
};
