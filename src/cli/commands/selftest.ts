import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { attachOptions, givenFlags } from '../options/attach.ts';
import { resolveOptions } from '../options/resolve.ts';
import { selftestOptions } from '../options/selftest.ts';

export function addSelftestCommand(program: Command, { host, exit }: CommandContext): void {
  const command = program
    .command('selftest')
    .description('How exact is this client here? Drives a server whose truth is known.');
  attachOptions(command, selftestOptions);
  command.action(async () => {
    const given = givenFlags(command, selftestOptions);
    const settings = resolveOptions(selftestOptions, given, host.env, {}, 'selftest');
    const { runSelftest } = await import('../../app/index.ts');
    exit(await runSelftest(settings, host));
  });
}
