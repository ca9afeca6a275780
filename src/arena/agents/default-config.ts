import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArenaAgent, judgeExitCode } from './agent.ts';

/** The engine as it comes, no setting touched: what any tuning has to beat. */
export const defaultConfig: ArenaAgent = {
  id: 'default-config',
  version: null,
  resumable: true,
  async prepare({ folder, inside, startScript }) {
    await writeFile(join(folder, 'start_server.sh'), startScript([]), { mode: 0o755 });
    return { command: ['/bin/cp', `${inside}/start_server.sh`, 'start_server.sh'], env: {} };
  },
  judgeExit: judgeExitCode,
};
