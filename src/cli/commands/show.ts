import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { definitionsOption } from '../options/definitions.ts';

export function addShowCommand(program: Command, { host, exit }: CommandContext): void {
  program
    .command('show')
    .description('Print a stored result; every number is recomputed from its raw records.')
    .argument('<result>', 'result folder')
    .option('--json', 'the same JSON object that `run --json` printed')
    .addOption(definitionsOption())
    .action(async (result: string, options: { json?: boolean; definitions?: string }) => {
      const { showResult } = await import('../../app/index.ts');
      const { json = false, definitions = null } = options;
      exit(await showResult(result, { json, definitions }, host));
    });
}
