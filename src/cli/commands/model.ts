import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';

export function addModelCommand(program: Command, { host, exit }: CommandContext): void {
  const model = program.command('model').description('Models that bench knows where to get.');
  model
    .command('pull')
    .description('Fetch a model into the cache folder.')
    .argument('<id>', 'model, for example smollm2-135m')
    .action(async (id: string) => {
      const { pullModel } = await import('../../app/index.ts');
      exit(await pullModel(id, host));
    });
  model
    .command('list')
    .description('Known models and where they are.')
    .option('--json', 'one JSON object on stdout')
    .action(async (options: { json?: boolean }) => {
      const { listModels } = await import('../../app/index.ts');
      exit(await listModels({ json: options.json === true }, host));
    });
}
