import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { attachOptions, givenFlags } from '../options/attach.ts';
import { engineStartOptions } from '../options/engine.ts';
import { resolveOptions } from '../options/resolve.ts';

export function addEngineCommand(program: Command, { host, exit }: CommandContext): void {
  const engine = program.command('engine').description('Install, start and stop engines.');
  const install = engine
    .command('install')
    .description('Fetch an engine into the cache folder.')
    .argument('<id>', 'engine, for example llama.cpp');
  install.action(async (id: string) => {
    const { installEngine } = await import('../../app/index.ts');
    exit(await installEngine(id, host));
  });

  const start = engine
    .command('start')
    .description('Start an engine that outlives this command; it stops itself when idle.')
    .argument('<id>', 'engine, for example llama.cpp');
  attachOptions(start, engineStartOptions);
  start.action(async (id: string) => {
    const settings = resolveOptions(
      engineStartOptions,
      givenFlags(start, engineStartOptions),
      host.env,
      {},
      'engine start',
    );
    const { startEngine } = await import('../../app/index.ts');
    exit(await startEngine(id, settings, host));
  });

  engine
    .command('stop')
    .description('Stop a started engine, or all of them.')
    .argument('[id]', 'id as `bench engine list` shows it; all when left out')
    .action(async (id: string | undefined) => {
      const { stopEngine } = await import('../../app/index.ts');
      exit(await stopEngine(id ?? null, host));
    });

  engine
    .command('list')
    .description('Engines: where found, version, whether they can run here, running ones.')
    .option('--json', 'one JSON object on stdout')
    .action(async (options: { json?: boolean }) => {
      const { listEngines } = await import('../../app/index.ts');
      exit(await listEngines({ json: options.json === true }, host));
    });

  engine
    .command('doctor')
    .description('What stands between this machine and one engine; changes nothing.')
    .argument('<id>', 'engine, for example pytorch')
    .option('--engine-path <file>', 'look at this one instead of what is found')
    .option('--json', 'one JSON object on stdout')
    .action(async (id: string, options: { enginePath?: string; json?: boolean }) => {
      const { diagnoseEngine } = await import('../../app/index.ts');
      const enginePath = options.enginePath ?? null;
      exit(await diagnoseEngine(id, { enginePath, json: options.json === true }, host));
    });

  engine
    .command('logs')
    .description('The log of a started engine.')
    .argument('[id]', 'id as `bench engine list` shows it; the newest when left out')
    .option('--lines <n>', 'how many of the last lines', '100')
    .action(async (id: string | undefined, options: { lines: string }) => {
      const { showEngineLog } = await import('../../app/index.ts');
      exit(await showEngineLog(id ?? null, Number(options.lines), host));
    });
}
