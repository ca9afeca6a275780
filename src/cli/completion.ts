import type { Command } from 'commander';

/** `bench complete <shell>`: the argument that asks for it, and what shells call back with. */
export const completionCommand = 'complete';

/**
 * Shell completion of commands, flags and choices, read off the command tree by
 * `@bomb.sh/tab` (bash, zsh, fish, powershell). Loaded only when it is asked for: it would cost
 * every start-up.
 */
export async function addCompletion(program: Command): Promise<void> {
  const { default: tab } = await import('@bomb.sh/tab/commander');
  tab(program);
}
