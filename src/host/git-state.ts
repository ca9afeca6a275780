import { runQuietly } from './run-quietly.ts';

export interface GitState {
  commit: string;
  /** Tracked files differ from the commit, or there are new ones that git does not ignore. */
  dirty: boolean;
}

/**
 * The commit checked out at `dir`, or null when `dir` is not the root of a work tree. A folder
 * below a root does not count: an installed package must not take its user's project for itself.
 */
export async function gitState(dir: string): Promise<GitState | null> {
  // Empty at the root, the path below it elsewhere.
  const prefix = await runQuietly('git', ['-C', dir, 'rev-parse', '--show-prefix']);
  if (prefix === null || prefix.trim() !== '') return null;
  const [commit, status] = await Promise.all([
    runQuietly('git', ['-C', dir, 'rev-parse', '--verify', 'HEAD']),
    runQuietly('git', ['-C', dir, '--no-optional-locks', 'status', '--porcelain']),
  ]);
  if (commit === null || status === null) return null;
  return { commit: commit.trim(), dirty: status.trim() !== '' };
}
