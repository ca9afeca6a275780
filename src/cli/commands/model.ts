import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-context.ts';

const dtypes = ['float32', 'bfloat16', 'float16'] as const;

interface ConvertFlags {
  dtype: (typeof dtypes)[number];
  enginePath?: string;
}

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
    .command('convert')
    .description('Turn a GGUF file into a folder in Hugging Face format, which other engines read.')
    .argument('<model>', 'FILE.gguf, or a model that bench knows')
    .argument('<folder>', 'where to; must not exist yet')
    .addOption(
      new Option('--dtype <type>', 'of the weights; quantised ones are dequantised')
        .choices(dtypes)
        .default('float32'),
    )
    .option('--engine-path <file>', 'Python with gguf and tokenizers')
    .action(async (source: string, folder: string, options: ConvertFlags) => {
      const { convertModelCommand } = await import('../../app/index.ts');
      const { dtype, enginePath = null } = options;
      exit(await convertModelCommand(source, folder, { enginePath, dtype }, host));
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
