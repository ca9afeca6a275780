import { type DoctorCheck, fail, ok } from '../check.ts';
import type { EngineContext } from '../context.ts';
import type { InstalledEngine } from '../engine.ts';
import { findPython } from '../python.ts';

/** A binary runs by itself; the wheel's server needs the Python that it was made for. */
export async function checkLlamaCpp(
  ctx: EngineContext,
  installed: InstalledEngine | null,
): Promise<DoctorCheck[]> {
  if (installed?.kind !== 'wheel') return [];
  const { found, rejected } = await findPython(ctx, [3, 10], { needsPip: false });
  const seen = rejected.length > 0 ? ` (${rejected.join('; ')})` : '';
  const verdict = found
    ? ok(`The wheel runs in Python ${found.version} (${found.path}).`)
    : fail(
        `The wheel needs Python >= 3.10, and there is none on PATH${seen}.`,
        'Install one, or give a llama-server of your own: --engine-path.',
      );
  return [{ check: 'python', ...verdict }];
}
