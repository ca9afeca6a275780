import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { createFakeHost } from '../src/host/index.ts';
import { generatedNote } from './markdown.ts';

/** Every command's own `--help`, in the order in which the program lists them. */
export async function renderCli(root: string): Promise<string | null> {
  const [programFile, mainFile] = [join(root, 'src/cli/program.ts'), join(root, 'src/cli/main.ts')];
  if (!existsSync(programFile) || !existsSync(mainFile)) return null;
  const { createProgram } = await import(programFile);
  const { main } = await import(mainFile);
  const sections: string[] = [];
  for (const path of pathsBelow(
    createProgram(createFakeHost(), () => {}),
    [],
  )) {
    const host = createFakeHost({ argv: [...path.slice(1), '--help'], columns: 100 });
    const exitCode = await main(host);
    if (exitCode !== 0)
      throw new Error(`${path.join(' ')} --help exits ${exitCode}: ${host.err()}`);
    const help = host
      .out()
      .trim()
      .replaceAll(/[ \t]+$/gm, '');
    sections.push(`## ${path.join(' ')}\n\n\`\`\`text\n${help}\n\`\`\`\n`);
  }
  return `${generatedNote}
# Command line

The answer goes to stdout, the conversation to stderr. See also [exit codes](exit-codes.md) and
[error codes](errors.md).

${sections.join('\n')}`;
}

function pathsBelow(command: Command, above: readonly string[]): string[][] {
  const path = [...above, command.name()];
  const below = command.commands.filter((child) => child.name() !== 'help');
  return [path, ...below.flatMap((child) => pathsBelow(child, path))];
}
