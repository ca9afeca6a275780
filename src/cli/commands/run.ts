import { Argument, type Command } from 'commander';
import { BenchError, didYouMean } from '../../core/index.ts';
import type { CommandContext } from '../command-context.ts';
import { attachOptions, givenFlags } from '../options/attach.ts';
import { readConfigFile } from '../options/config-file.ts';
import { configAsFlags, configKeys, resolveOptions } from '../options/resolve.ts';
import { checkRunSettings, runOptions, withoutOpenai } from '../options/run/index.ts';

const suites = ['llm.inference'];

export function addRunCommand(program: Command, { host, exit }: CommandContext): void {
  const command = program
    .command('run')
    .description('Measure a server: an engine started here, or a running endpoint.')
    .addArgument(suiteArgument())
    .option('--config <file>', 'YAML file with any of the options below; flags win over it');
  attachOptions(command, runOptions);
  command.addHelpText('after', examples);
  command.action(async (suite: string, options: { config?: string }) => {
    if (!suites.includes(suite)) {
      throw new BenchError(
        'USAGE_UNKNOWN_SUITE',
        `Unknown suite "${suite}".${didYouMean(suite, suites)}`,
        { hint: `Known: ${suites.join(', ')}.` },
      );
    }
    const config =
      options.config === undefined ? {} : await readConfigFile(host.cwd, options.config);
    const flags = givenFlags(command, runOptions);
    const settings = withoutOpenai(resolveOptions(runOptions, flags, host.env, config));
    const fromConfig = configKeys(runOptions, config).filter((key) => flags[key] === undefined);
    checkRunSettings(settings, new Set([...Object.keys(flags), ...fromConfig]));
    const { runInference } = await import('../../app/index.ts');
    // The file may change or be gone: a result says what was in it.
    const written = withoutConfig(host.argv.slice(2));
    const argv = ['run', suite, ...configAsFlags(runOptions, fromConfig, config), ...written];
    exit(await runInference(settings, options.config === undefined ? host : { ...host, argv }));
  });
}

/** Not `choices`: an unknown suite gets an error of its own. */
function suiteArgument(): Argument {
  const argument = new Argument('<suite>', 'what to measure: llm.inference');
  argument.argChoices = [...suites];
  return argument;
}

function withoutConfig(argv: readonly string[]): string[] {
  return argv.filter(
    (arg, i) => arg !== '--config' && argv[i - 1] !== '--config' && !arg.startsWith('--config='),
  );
}

const examples = `
Examples:
  Quick look at a small real model, everything fetched when missing:
    bench run llm.inference --engine llama.cpp --model smollm2-135m
  Your own server at three rates, one minute each, judged by an SLO:
    bench run llm.inference --endpoint http://localhost:8000/v1 --model my-model \\
      --rate 1,2,5 --duration 60 --slo-template llm.standard
  At the rates that keep 1, 4 and 16 requests in flight on average:
    bench run llm.inference --endpoint http://localhost:8000/v1 --concurrency 1,4,16
  Closed loop with 8 callers, for a script:
    bench run llm.inference --endpoint http://localhost:8000/v1 --max-concurrency 8 \\
      --requests 200 --json
`;
