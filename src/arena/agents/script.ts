import { createHash } from 'node:crypto';
import { access, chmod, constants, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { BenchError, pathTrouble } from '../../core/index.ts';
import { type ArenaAgent, judgeExitCode } from './agent.ts';

const pathHint = 'Give the path of a script: --agent script:./my-agent.sh';

/** A line by which a script says that it can be started again in the middle. */
const resumableLine = /^#\s*arena:\s*resumable\s*$/m;

/**
 * `script:PATH`: any program with a `#!` line, alone; its version is the hash of its text.
 * @throws BenchError USAGE_ARENA_AGENT
 */
export async function scriptAgent(path: string, cwd: string): Promise<ArenaAgent> {
  const refuse = (why: string, hint: string) =>
    new BenchError('USAGE_ARENA_AGENT', `--agent script:${path}: ${why}.`, { hint });
  if (path === '') throw refuse('it names no file', pathHint);
  const text = await readFile(resolve(cwd, path)).catch((error: unknown) => {
    throw refuse(pathTrouble(error, 'file'), pathHint);
  });
  if (!text.subarray(0, 2).equals(Buffer.from('#!'))) {
    throw refuse('it does not begin with #!', 'Begin it with the program that runs it: #!/bin/sh');
  }
  const obstacle = await interpreterTrouble(text);
  if (obstacle !== null) throw refuse(obstacle.why, obstacle.hint);
  const name = basename(path);
  return {
    id: `script:${name}`,
    version: createHash('sha256').update(text).digest('hex').slice(0, 12),
    resumable: resumableLine.test(text.toString('utf8')),
    async prepare({ folder, inside }) {
      const copy = join(folder, name);
      // Whole or not there: a resume goes by the copy.
      await writeFile(`${copy}.new`, text);
      await chmod(`${copy}.new`, 0o755);
      await rename(`${copy}.new`, copy);
      return { command: [`${inside}/${name}`], env: {} };
    },
    judgeExit: judgeExitCode,
  };
}

/** Said now, and not by an agent that ends as it starts. */
async function interpreterTrouble(text: Buffer): Promise<{ why: string; hint: string } | null> {
  const end = text.indexOf('\n');
  const line = text.subarray(2, end === -1 ? text.length : end).toString('utf8');
  if (line.endsWith('\r')) {
    return {
      why: 'its first line ends with a carriage return (CR), which the kernel takes for a part of the name',
      hint: "Save it with Unix line ends: sed -i 's/\\r$//' FILE",
    };
  }
  const program = line.trim().split(/\s/)[0] ?? '';
  const canRun = await access(program, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (canRun) return null;
  return {
    why: `its first line names "${program}", and there is no such program here`,
    hint: 'Begin it with the whole path of the program that runs it (#!/bin/sh), or with #!/usr/bin/env NAME.',
  };
}
