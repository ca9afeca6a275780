import { Command } from 'commander';
import type { ExitCode, Host } from '../core/index.ts';
import { packageVersion } from '../host/index.ts';
import type { CommandContext } from './command-context.ts';
import { addArenaCommand } from './commands/arena.ts';
import { addCompareCommand } from './commands/compare.ts';
import { addConformCommand } from './commands/conform.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addEngineCommand } from './commands/engine.ts';
import { addModelCommand } from './commands/model.ts';
import { addPlanCommand } from './commands/plan.ts';
import { addReportCommand } from './commands/report.ts';
import { addRunCommand } from './commands/run.ts';
import { addSelftestCommand } from './commands/selftest.ts';
import { addShowCommand } from './commands/show.ts';

/**
 * The command tree. Building it loads no command's code: each action imports what it needs, so
 * that `bench --version` stays quick.
 */
export function createProgram(host: Host, exit: (code: ExitCode) => void): Command {
  const context: CommandContext = { host, exit };
  const program = new Command('bench')
    .description('Measure, compare and judge LLM inference servers.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .configureHelp({ helpWidth: Math.min(host.stdout.columns, 100), showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
      getOutHelpWidth: () => Math.min(host.stdout.columns, 100),
      getErrHelpWidth: () => Math.min(host.stderr.columns, 100),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showSuggestionAfterError(true)
    .showHelpAfterError('(see --help)')
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples:
  bench run llm.inference --engine llama.cpp --model smollm2-135m
  bench run llm.inference --endpoint http://localhost:8000/v1 --rate 1,2,5 --duration 60
  bench report bench-results/<runId>

Shell completion (bash, zsh, fish, powershell):
  source <(bench complete bash)
`,
    );
  addRunCommand(program, context);
  addCompareCommand(program, context);
  addConformCommand(program, context);
  addShowCommand(program, context);
  addReportCommand(program, context);
  addPlanCommand(program, context);
  addArenaCommand(program, context);
  addEngineCommand(program, context);
  addModelCommand(program, context);
  addDoctorCommand(program, context);
  addSelftestCommand(program, context);
  return program;
}
