import { mkdir, writeFile } from 'node:fs/promises';
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

/**
 * Puts into an empty folder what an agent starts with.
 * @param running text of a launcher that works
 */
export async function buildWorkspace(
  folder: string,
  options: { mission: string; startingPoint: StartingPoint; running: string },
): Promise<void> {
  const { mission, startingPoint, running } = options;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'mission.md'), mission);
  const programs: Record<string, string> = {
    evaluate: tool('evaluate'),
    snapshot: tool('snapshot'),
    timer,
    ...(startingPoint === 'bare' ? {} : { [launcher]: startingPoint === 'stub' ? stub : running }),
  };
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(folder, name), text, { mode: 0o755 });
  }
}
