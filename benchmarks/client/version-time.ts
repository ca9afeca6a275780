import { spawnSync } from 'node:child_process';
import { quantile, sorted } from './statistics.ts';

/** Milliseconds that `--version` takes over a bare `node`, in turns; medians. */
export function timeVersion(bin: string, turns: number) {
  const time = (args: string[]): number => {
    const fromMs = performance.now();
    const { status } = spawnSync(process.execPath, args, { stdio: 'ignore', timeout: 20_000 });
    if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
    return performance.now() - fromMs;
  };
  const bareMs: number[] = [];
  const versionMs: number[] = [];
  for (let i = 0; i < turns; i++) {
    bareMs.push(time(['-e', '0']));
    versionMs.push(time([bin, '--version']));
  }
  const bare = quantile(sorted(bareMs), 0.5);
  const version = quantile(sorted(versionMs), 0.5);
  return { bareMs: bare, versionMs: version, overMs: version - bare };
}
