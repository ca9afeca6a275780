import { BenchError } from '../../../core/index.ts';

/**
 * Refuses a reference that computes on something else than what the judged server is given: a
 * speed-up over it would be that of the hardware.
 *
 * @param found.device what the reference says that it computes on; null = it does not say
 * @param found.wanted the scenario's accelerator; null = none
 * @param found.present a device of this machine; null = it has none
 * @throws BenchError PREREQ_REFERENCE
 */
export function requireDevice(found: {
  device: string | null;
  wanted: string | null;
  present: string | null;
}): void {
  const { device, wanted, present } = found;
  if (device === null) return;
  if (wanted === null && device !== 'cpu') {
    throw new BenchError(
      'PREREQ_REFERENCE',
      `The reference computes on "${device}", and this class of the scenario has no accelerator: the judged server would be measured on the CPU.`,
      { hint: 'Give --class full, or a scenario whose limits.accelerator is not null.' },
    );
  }
  if (wanted === null || device !== 'cpu' || present === null) return;
  throw new BenchError(
    'PREREQ_REFERENCE',
    `The reference computes on the CPU, while the judged server can reach ${present}: this class of the scenario is made for ${wanted}.`,
    {
      hint: 'bench engine doctor pytorch says what its torch lacks; class small is for CPUs.',
    },
  );
}
