import { BenchError } from '../core/index.ts';
import type { Engine } from './engine.ts';

/**
 * Refuses arguments that would move the server away from where it is waited for.
 * @throws BenchError `USAGE_ENGINE_ARG`
 */
export function refuseAddressArgs(
  { id, addressFlags }: Pick<Engine, 'id' | 'addressFlags'>,
  args: readonly string[],
): void {
  for (const [i, arg] of args.entries()) {
    // `--set port=1` is two arguments or, as `--set=port=1`, one.
    const forms = [arg, `${arg} ${args[i + 1] ?? ''}`, arg.replace('=', ' ')];
    const given = addressFlags.find((flag) =>
      forms.some((form) => form === flag || form.startsWith(`${flag}=`)),
    );
    if (given === undefined) continue;
    throw new BenchError(
      'USAGE_ENGINE_ARG',
      `--engine-arg ${given}: bench picks host and port of an engine that it starts.`,
      {
        hint: `Leave it out. For a port of your choice: bench engine start ${id} --port N, which is then measured with --endpoint.`,
      },
    );
  }
}
