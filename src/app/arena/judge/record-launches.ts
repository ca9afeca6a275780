import { appendFile } from 'node:fs/promises';
import type { JudgePorts } from '../../../arena/index.ts';

/**
 * The same ports; each launch of the submission leaves a line of JSON in a file when it has ended:
 * the processes that were seen, what they connected to, what was written, how it ended, and of the
 * traced launch the programs it ran and the files it opened. What the checks of processes go by.
 */
export function recordLaunches(ports: JudgePorts, path: string): JudgePorts {
  let launch = 0;
  const keep = (line: object) => appendFile(path, `${JSON.stringify(line)}\n`);
  return {
    ...ports,
    async launch(folder) {
      const launched = await ports.launch(folder);
      const number = ++launch;
      let kept = false;
      return {
        ...launched,
        async stop() {
          const trace = await launched.stop();
          if (!kept) await keep({ launch: number, traced: false, ...trace });
          kept = true;
          return trace;
        },
      };
    },
    async traceLaunch(...asked) {
      const calls = await ports.traceLaunch(...asked);
      await keep({ launch: ++launch, traced: true, ...calls });
      return calls;
    },
  };
}
