import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-context.ts';

export function addReportCommand(program: Command, { host, exit }: CommandContext): void {
  program
    .command('report')
    .description('Render a stored result again, from its folder alone.')
    .argument('<result>', 'result folder')
    .addOption(
      new Option('--format <id>', 'html writes a file; the others go to stdout')
        .choices(['html', 'markdown', 'csv', 'json', 'table', 'vllm'])
        .default('html'),
    )
    .option('--out <file>', 'where to write (default for html: report.html in the result folder)')
    .action(async (result: string, options: { format: string; out?: string }) => {
      const { writeReport } = await import('../../app/index.ts');
      exit(await writeReport(result, { format: options.format, out: options.out ?? null }, host));
    });
}
