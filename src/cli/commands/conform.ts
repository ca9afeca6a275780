import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { attachOptions, givenFlags } from '../options/attach.ts';
import { checkConformSettings, conformOptions } from '../options/conform.ts';
import { resolveOptions } from '../options/resolve.ts';
import { withoutOpenai } from '../options/run/index.ts';

export function addConformCommand(program: Command, { host, exit }: CommandContext): void {
  const command = program
    .command('conform')
    .description('What a server does and does not do, row by row, with evidence from the wire.');
  attachOptions(command, conformOptions);
  command.addHelpText('after', examples);
  command.action(async () => {
    const given = givenFlags(command, conformOptions);
    const settings = withoutOpenai(resolveOptions(conformOptions, given, host.env, {}, 'conform'));
    checkConformSettings(settings);
    const { runConform } = await import('../../app/index.ts');
    exit(await runConform(settings, host));
  });
}

const examples = `
Examples:
  A running server, as a table for its maintainers:
    bench conform --endpoint http://localhost:8000/v1 --output conformance.md
  An engine started here:
    bench conform --engine llama.cpp --model smollm2-135m
  A gate in CI: exit 5 unless lengths can be set and tokens are counted:
    bench conform --endpoint http://localhost:8000/v1 --only length,usage \\
      --require length.ignore-eos,usage.stream
`;
