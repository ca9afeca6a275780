import { BenchError, didYouMean } from '../../core/index.ts';
import type { Tunable } from '../../engines/index.ts';
import type { ArenaAgent } from './agent.ts';
import { defaultConfig } from './default-config.ts';
import { randomSearch } from './random-search.ts';
import { scriptAgent } from './script.ts';

const scriptPrefix = 'script:';
/** What BENCH_ENGINES has. */
const offered = 'llama.cpp';
const ids = ['script:PATH', 'default-config', 'random-search'];

/**
 * An agent by its name.
 * @param options.tunables of the engine that searches turn
 * @throws BenchError USAGE_ARENA_AGENT
 */
export async function findAgent(
  name: string,
  { cwd, tunables }: { cwd: string; tunables: readonly Tunable[] },
): Promise<ArenaAgent> {
  if (name.startsWith(scriptPrefix)) return scriptAgent(name.slice(scriptPrefix.length), cwd);
  const [, engine] = /^default-config:(.*)$/.exec(name) ?? [];
  if (name === 'default-config' || engine === offered) return defaultConfig;
  if (engine !== undefined) {
    throw new BenchError(
      'USAGE_ARENA_AGENT',
      `--agent ${name}: only ${offered} is offered in the sandbox (BENCH_ENGINES), so no other engine can be started there.`,
      {
        hint: `Give default-config, or script:PATH with a script that brings its engine along in submission.json.`,
      },
    );
  }
  if (name === 'random-search') return randomSearch(tunables);
  throw new BenchError('USAGE_ARENA_AGENT', `Unknown agent "${name}".${didYouMean(name, ids)}`, {
    hint: `Known: ${ids.join(', ')}.`,
  });
}
