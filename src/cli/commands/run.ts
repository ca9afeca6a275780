import type { Command } from 'commander';
import { BenchError, didYouMean } from '../../core/index.ts';
import type { CommandContext } from '../command-context.ts';
import { attachOptions, givenFlags } from '../options/attach.ts';
import { readConfigFile } from '../options/config-file.ts';
import { resolveOptions } from '../options/resolve.ts';
import { checkRunSettings, runOptions } from '../options/run.ts';

const suites = ['llm.inference'];

export function addRunCommand(program: Command, { host, exit }: CommandContext): void {
  const command = program
    .command('run')
    .description('Measure a server: an engine started here, or a running endpoint.')
    .argument('<suite>', 'what to measure: llm.inference')
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
    const settings = resolveOptions(runOptions, givenFlags(command, runOptions), host.env, config);
    checkRunSettings(settings);
    const { runInference } = await import('../../app/index.ts');
    exit(await runInference(settings, host));
  });
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
