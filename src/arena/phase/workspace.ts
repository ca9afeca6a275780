import { chmod, cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What an agent finds as start_server.sh. */
export const startingPoints = ['bare', 'stub', 'running'] as const;
export type StartingPoint = (typeof startingPoints)[number];

/** Names in the workspace that are part of the contract. */
export const launcher = 'start_server.sh';

const stub = `#!/bin/sh
# Starts the server of your submission: see mission.md. This one only says that there is none yet.
echo "start_server.sh: not written yet (see mission.md)" >&2
exit 1
`;

const tool = (name: string) => `#!/bin/sh
# ${name}: see mission.md.
exec "$BENCH_ENGINES/bin/python3" "$ARENA/ask.py" ${name} "$@"
`;

const timer = `#!/bin/sh
# What is left of your time. The same is in $ARENA/timer.txt and $ARENA/timer.json.
cat "$ARENA/timer.txt"
`;

type Running = { text: string } | { folder: string };

/**
 * Puts into an empty folder what an agent starts with.
 * @param running a launcher that works: its text, or the folder that it lies in with its files
 */
export async function buildWorkspace(
  folder: string,
  options: { mission: string; startingPoint: StartingPoint; running: Running },
): Promise<void> {
  const { mission, startingPoint, running } = options;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'mission.md'), mission);
  const programs: Record<string, string> = {
    evaluate: tool('evaluate'),
    snapshot: tool('snapshot'),
    timer,
    ...(startingPoint === 'stub' && { [launcher]: stub }),
    ...(startingPoint === 'running' && 'text' in running && { [launcher]: running.text }),
  };
  if (startingPoint === 'running' && 'folder' in running) await copyRunning(running.folder, folder);
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(folder, name), text, { mode: 0o755 });
  }
}

/** A copy that belongs to whoever works on it, and that names what goes with it. */
async function copyRunning(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true });
  await chmod(join(to, launcher), 0o755);
  const files = await readdir(from);
  if (files.length === 1 || files.includes('submission.json')) return;
  await writeFile(join(to, 'submission.json'), `${JSON.stringify({ files })}\n`);
}
