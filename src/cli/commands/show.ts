import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';

export function addShowCommand(program: Command, { host, exit }: CommandContext): void {
  program
    .command('show')
    .description('Print a stored result; every number is recomputed from its raw records.')
    .argument('<result>', 'result folder')
    .option('--json', 'the same JSON object that `run --json` printed')
    .action(async (result: string, options: { json?: boolean }) => {
      const { showResult } = await import('../../app/index.ts');
      exit(await showResult(result, { json: options.json === true }, host));
    });
}
