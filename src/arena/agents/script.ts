import { createHash } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { BenchError, pathTrouble } from '../../core/index.ts';
import { type ArenaAgent, judgeExitCode } from './agent.ts';

/** A line by which a script says that it can be started again in the middle. */
const resumableLine = /^#\s*arena:\s*resumable\s*$/m;

/**
 * `script:PATH`: any program with a `#!` line, alone; its version is the hash of its text.
 * @throws BenchError USAGE_ARENA_AGENT
 */
export async function scriptAgent(path: string, cwd: string): Promise<ArenaAgent> {
  const refuse = (why: string, hint: string) =>
    new BenchError('USAGE_ARENA_AGENT', `--agent script:${path}: ${why}.`, { hint });
  const text = await readFile(resolve(cwd, path)).catch((error: unknown) => {
    throw refuse(
      pathTrouble(error, 'file'),
      'Give the path of a script: --agent script:./my-agent.sh',
    );
  });
  if (!text.subarray(0, 2).equals(Buffer.from('#!'))) {
    throw refuse('it does not begin with #!', 'Begin it with the program that runs it: #!/bin/sh');
  }
  const name = basename(path);
  return {
    id: `script:${name}`,
    version: createHash('sha256').update(text).digest('hex').slice(0, 12),
    resumable: resumableLine.test(text.toString('utf8')),
    async prepare({ folder, inside }) {
      const copy = join(folder, name);
      await writeFile(copy, text);
      await chmod(copy, 0o755);
      return { command: [`${inside}/${name}`], env: {} };
    },
    judgeExit: judgeExitCode,
  };
}
