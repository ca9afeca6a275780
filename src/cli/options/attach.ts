import { type Command, Option } from 'commander';
import { BenchError } from '../../core/index.ts';
import type { OptionSpec } from './option.ts';
import { longFlag, type OptionTable } from './resolve.ts';

/** Adds a table's options to a command, grouped as the table says. Values stay raw text. */
export function attachOptions<T extends object>(command: Command, table: OptionTable<T>): void {
  for (const key of Object.keys(table) as (keyof T & string)[]) {
    const spec = table[key];
    const shown = spec.defaultText === undefined ? '' : ` (default: ${spec.defaultText})`;
    const env = spec.env === undefined ? '' : ` (env: ${spec.env})`;
    const also = spec.aliases === undefined ? '' : ` (also ${spec.aliases.join(', ')})`;
    const text = `${spec.description}${shown}${env}${also}`;
    command.addOption(createOption(spec, spec.flags, text).helpGroup(`${spec.group}:`));
    for (const alias of spec.aliases ?? []) {
      const flags = spec.flags.replace(longFlag(spec), alias);
      command.addOption(createOption(spec, flags, `see ${longFlag(spec)}`).hideHelp());
    }
  }
}

function createOption<T>(spec: OptionSpec<T>, flags: string, text: string): Option {
  const option = new Option(flags, text);
  if (spec.choices !== undefined) option.choices([...spec.choices]);
  if (spec.repeatable === true) {
    option.argParser((value: string, previous: string[] | undefined) => [
      ...(previous ?? []),
      value,
    ]);
  } else if (/[<[]/.test(flags)) {
    const { parseArg } = option;
    option.argParser((value: string, previous: string | undefined) => {
      if (previous !== undefined) throw givenTwice(longFlag({ flags }), previous, value);
      return parseArg === undefined ? value : parseArg(value, previous);
    });
  }
  // Not `choices`: those would be enforced, with a message of their own.
  if (spec.suggest !== undefined) option.argChoices = [...spec.suggest];
  return option;
}

/** The last one would win silently, and the user would believe in both. */
function givenTwice(flag: string, first: string, second: string): BenchError {
  return new BenchError('USAGE_REPEATED', `${flag} was given twice: ${first} and ${second}.`, {
    hint: 'Give it once; where it takes a list, separate the entries by commas.',
  });
}

/** What was given on the command line, by option key; defaults are left out. */
export function givenFlags<T extends object>(
  command: Command,
  table: OptionTable<T>,
): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const key of Object.keys(table) as (keyof T & string)[]) {
    const spec = table[key];
    for (const flag of [longFlag(spec), ...(spec.aliases ?? [])]) {
      const attribute = new Option(flag).attributeName();
      if (command.getOptionValueSource(attribute) !== 'cli') continue;
      const value: unknown = command.getOptionValue(attribute);
      if (given[key] !== undefined)
        throw givenTwice(longFlag(spec), `${given[key] as string}`, `${String(value)} (${flag})`);
      given[key] = value;
    }
  }
  return given;
}
