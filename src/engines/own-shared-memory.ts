import { getegid, geteuid } from 'node:process';
import type { EngineContext } from './context.ts';
import { runCommand } from './run-command.ts';

/** Where POSIX keeps shared memory on Linux; private to a program that is started with the prefix. */
export const sharedMemoryFolder = '/dev/shm';

const mount = `mount -t tmpfs -o mode=1777 tmpfs ${sharedMemoryFolder}`;

/**
 * Command line in front of a program's, which gives it and what it starts a /dev/shm of its own: the
 * kernel frees it with the last of them, however they ended. Some engines leave theirs behind even
 * where they are stopped in order. Null where this machine does not allow it.
 */
export async function ownSharedMemory(ctx: EngineContext): Promise<readonly string[] | null> {
  if (ctx.platform !== 'linux') return null;
  for (const prefix of candidates()) {
    const { code } = await runCommand(ctx, [...prefix, 'true'], { timeoutMs: 5_000 });
    if (code === 0) return prefix;
  }
  return null;
}

/** Root may mount; whoever is not root may as root of a user namespace, and is himself again below it. */
function candidates(): readonly (readonly string[])[] {
  const shell = (script: string) => ['--', '/bin/sh', '-c', script, 'own-shared-memory'];
  const user = `--map-user=${geteuid?.() ?? 0} --map-group=${getegid?.() ?? 0}`;
  return [
    ['unshare', '--mount', ...shell(`${mount} && exec "$@"`)],
    [
      ...['unshare', '--user', '--map-root-user', '--mount'],
      ...shell(`${mount} && exec unshare --user ${user} -- "$@"`),
    ],
  ];
}
