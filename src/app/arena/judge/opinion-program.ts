import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { OpinionQuestion, SecondOpinion } from '../../../arena/index.ts';
import { BenchError, type Host } from '../../../core/index.ts';

const longestS = 300;
const mostReply = 64 * 1024;

/**
 * The program that was named, before anything is started. Null = none was.
 * @throws BenchError USAGE_BAD_VALUE
 */
export async function findOpinion(
  path: string | null,
  place: Pick<Host, 'cwd' | 'env'>,
): Promise<SecondOpinion | null> {
  if (path === null) return null;
  const program = resolve(place.cwd, path);
  try {
    await access(program, constants.X_OK);
    if (!(await stat(program)).isFile()) throw new Error('it is no file');
  } catch (error) {
    throw new BenchError('USAGE_BAD_VALUE', `--second-opinion "${path}" cannot be run.`, {
      hint: 'Name an executable file: it reads one JSON object from stdin and writes one to stdout.',
      cause: error,
    });
  }
  return programOpinion(path, place);
}

/**
 * A program as second opinion: the question as JSON on its stdin, its reply on stdout. It runs as
 * you, outside the sandbox, with your environment. Rejects with the reason when it fails.
 */
function programOpinion(path: string, { cwd, env }: Pick<Host, 'cwd' | 'env'>): SecondOpinion {
  return async (question: OpinionQuestion) => {
    const child = spawn(resolve(cwd, path), [], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), longestS * 1000);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < mostReply) stdout += text;
      else child.kill('SIGKILL');
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-500);
    });
    // It may end without having read.
    child.stdin.on('error', () => {});
    child.stdin.end(`${JSON.stringify(question)}\n`);
    try {
      const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
      if (code === 0) return stdout;
      const why =
        signal === null ? `exit code ${code}` : `${signal}, ${longestS} s or 64 KiB at most`;
      const last = stderr.trim().split('\n').at(-1);
      throw new Error(`${path}: ${why}${last ? `: ${last}` : ''}`);
    } finally {
      clearTimeout(timer);
    }
  };
}
