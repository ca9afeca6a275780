import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { definitionsOption } from '../options/definitions.ts';

interface ShowFlags {
  json?: boolean;
  definitions?: string;
  serverLog?: string;
}

export function addShowCommand(program: Command, { host, exit }: CommandContext): void {
  program
    .command('show')
    .description('Print a stored result; every number is recomputed from its raw records.')
    .argument('<result>', 'result folder')
    .option('--json', 'the same JSON object that `run --json` printed')
    .addOption(definitionsOption())
    .option('--server-log <file>', "join the server's log (or OTLP JSON traces) by request id")
    .action(async (result: string, options: ShowFlags) => {
      const { showResult } = await import('../../app/index.ts');
      const { json = false, definitions = null, serverLog = null } = options;
      exit(await showResult(result, { json, definitions, serverLog }, host));
    });
}
