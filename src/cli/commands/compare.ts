import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { attachOptions, givenFlags } from '../options/attach.ts';
import { commonKeys, compareOptions, resolveSides } from '../options/compare/index.ts';
import { resolveOptions } from '../options/resolve.ts';

export function addCompareCommand(program: Command, { host, exit }: CommandContext): void {
  const command = program
    .command('compare')
    .description('Compare two engines, configurations, endpoints or stored results.')
    .argument('[sides...]', 'A and B: a URL, a YAML file of options, an engine, or result folders');
  attachOptions(command, compareOptions);
  command.addHelpText('after', examples);
  command.action(async (words: string[]) => {
    const flags = givenFlags(command, compareOptions);
    const { metrics, blocks, margin, maxRegression, toggle, aa, force, resume, ...given } =
      resolveOptions(compareOptions, flags, host.env, {}, 'compare');
    const keys = new Set<string>(commonKeys);
    const { sides, oneSide } = await resolveSides({
      words,
      a: given.a,
      b: given.b,
      engine: given.engine,
      endpoint: given.endpoint,
      toggle: toggle === null ? null : flagOf(toggle),
      aa,
      common: Object.fromEntries(Object.entries(flags).filter(([key]) => keys.has(key))),
      env: host.env,
      cwd: host.cwd,
    });
    const { rate, concurrency, maxConcurrency, output, json, html } = given;
    const { runCompare } = await import('../../app/index.ts');
    exit(
      await runCompare(
        {
          settings: { metrics, blocks, margin, maxRegression, toggle, aa, force, resume },
          sides,
          oneSide,
          load: {
            rate: rate?.[0] ?? null,
            concurrency: concurrency?.[0] ?? null,
            maxConcurrency: maxConcurrency?.[0] ?? null,
          },
          output: { output, json, html },
        },
        host,
      ),
    );
  });
}

/** `fp8:--flag` names the optimisation; the flag is what comes after it. */
const flagOf = (toggle: string) => toggle.replace(/^[a-z0-9-]*[a-z0-9]:(?=-)/, '');

const examples = `
Examples:
  Two settings of one engine, each started anew in every block:
    bench compare --engine llama.cpp --model smollm2-135m --a '--threads 1' --b '--threads 2'
  One flag on and off, beside what the methodology article expects of it:
    bench compare --engine llama.cpp --model smollm2-135m --toggle '--set n_ubatch=64'
  Two running servers at the same rate:
    bench compare http://localhost:8000/v1 http://localhost:8001/v1 --rate 2 --duration 60
  A build against the last one, as a gate in CI (exit 5 when more than 5 % worse):
    bench compare bench-results/old bench-results/new --max-regression 5
  How much does this machine differ from itself?
    bench compare --engine llama.cpp --model smollm2-135m --aa --requests 40
`;
