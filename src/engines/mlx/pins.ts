import type { EngineContext } from '../context.ts';
import { converterRequirements } from '../models/pins.ts';

/** What was tried; what they need besides is pip's choice, and recorded in the manifest. */
const versions = { mlx: '0.32.4', mlxLm: '0.32.2' } as const;

export const pinnedVersion = `${versions.mlxLm}-${versions.mlx}`;

/** Without one of its backends `mlx` does not load on Linux; on a Mac the backend comes with it. */
export function requirementsFor({ platform }: Pick<EngineContext, 'platform'>): string[] {
  return [
    platform === 'darwin' ? `mlx==${versions.mlx}` : `mlx[cpu]==${versions.mlx}`,
    `mlx-lm==${versions.mlxLm}`,
    // Known models are GGUF files, which this environment then converts.
    `gguf==${converterRequirements.gguf}`,
  ];
}

/** Bytes over the network, measured with pip; elsewhere nobody has looked. */
export const installBytes: Readonly<Record<string, number>> = { 'linux-x64': 61_800_000 };
