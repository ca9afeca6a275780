import { type Command, Option } from 'commander';
import { longFlag, type OptionTable } from './resolve.ts';

/** Adds a table's options to a command, grouped as the table says. Values stay raw text. */
export function attachOptions<T extends object>(command: Command, table: OptionTable<T>): void {
  for (const key of Object.keys(table) as (keyof T & string)[]) {
    const spec = table[key];
    const shown = spec.defaultText === undefined ? '' : ` (default: ${spec.defaultText})`;
    const env = spec.env === undefined ? '' : ` (env: ${spec.env})`;
    const option = new Option(spec.flags, `${spec.description}${shown}${env}`);
    if (spec.choices !== undefined) option.choices([...spec.choices]);
    if (spec.repeatable === true) {
      option.argParser((value: string, previous: string[] | undefined) => [
        ...(previous ?? []),
        value,
      ]);
    }
    option.helpGroup(`${spec.group}:`);
    command.addOption(option);
  }
}

/** What was given on the command line, by option key; defaults are left out. */
export function givenFlags<T extends object>(
  command: Command,
  table: OptionTable<T>,
): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const key of Object.keys(table) as (keyof T & string)[]) {
    const attribute = new Option(longFlag(table[key])).attributeName();
    if (command.getOptionValueSource(attribute) === 'cli') {
      given[key] = command.getOptionValue(attribute);
    }
  }
  return given;
}
