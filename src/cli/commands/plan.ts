import type { Command } from 'commander';
import { BenchError } from '../../core/index.ts';
import type { CommandContext } from '../command-context.ts';
import { attachOptions, givenFlags } from '../options/attach.ts';
import { planOptions } from '../options/plan.ts';
import { resolveOptions } from '../options/resolve.ts';

export function addPlanCommand(program: Command, { host, exit }: CommandContext): void {
  const command = program
    .command('plan')
    .description('Instances, GPUs and cost for a request rate, from a stored result.')
    .argument('<result>', 'result folder');
  attachOptions(command, planOptions);
  command.action(async (result: string) => {
    const settings = resolveOptions(
      planOptions,
      givenFlags(command, planOptions),
      host.env,
      {},
      'plan',
    );
    if (Number.isNaN(settings.targetQps)) {
      throw new BenchError('USAGE_NO_TARGET_RATE', 'Nothing to plan for: no --target-qps.', {
        hint: 'Try: bench plan --target-qps 100 RESULT',
      });
    }
    const { runPlan } = await import('../../app/index.ts');
    exit(await runPlan(result, settings, host));
  });
}
