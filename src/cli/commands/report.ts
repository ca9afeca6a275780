import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { definitionsOption } from '../options/definitions.ts';

interface ReportFlags {
  format?: string;
  out?: string;
  definitions?: string;
}

export function addReportCommand(program: Command, { host, exit }: CommandContext): void {
  program
    .command('report')
    .description('Render a stored result again, from its folder alone.')
    .argument('<result>', 'result folder')
    .addOption(
      new Option('--format <id>', 'html (default) writes a file; the others go to stdout').choices([
        'html',
        'markdown',
        'csv',
        'json',
        'table',
        'vllm',
      ]),
    )
    .addOption(definitionsOption())
    .option('--out <file>', 'where to write (default for html: report.html in the result folder)')
    .action(async (result: string, options: ReportFlags) => {
      const { writeReport } = await import('../../app/index.ts');
      const { out = null, definitions = null } = options;
      // Another tool's figures have no page of their own.
      const format = options.format ?? (definitions === null ? 'html' : 'table');
      exit(await writeReport(result, { format, out, definitions }, host));
    });
}
