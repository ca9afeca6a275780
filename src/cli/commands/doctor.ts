import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { parseUrl } from '../options/option.ts';

export function addDoctorCommand(program: Command, { host, exit }: CommandContext): void {
  program
    .command('doctor')
    .description('Check this machine, and a server when one is named.')
    .option('--endpoint <url>', 'server to check')
    .option('--json', 'one JSON object on stdout')
    .action(async (options: { endpoint?: string; json?: boolean }) => {
      const endpoint =
        options.endpoint === undefined ? null : parseUrl(options.endpoint, '--endpoint');
      const { runDoctorCommand } = await import('../../app/index.ts');
      exit(await runDoctorCommand({ endpoint, json: options.json === true }, host));
    });
}
