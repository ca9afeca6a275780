import type { Host } from '../core/index.ts';
import type { ArrivalSpec, EmitRunEvent } from '../model/index.ts';
import type { RunWriter } from '../results/index.ts';
import type { LevelsInput } from './run-levels.ts';

/** What measuring needs of the command around it. */
export interface MeasureDeps {
  host: Host;
  emit: EmitRunEvent;
  writer: RunWriter;
  /** Aborted by the user, or from here when the engine dies. */
  stop: AbortController;
  arrival: ArrivalSpec;
  outputDir: string;
  /** When the command began, on the host's clock. */
  commandStartUs: number;
  /** What is measured once the server is there; absent: the levels that the settings ask for. */
  conduct?: (input: LevelsInput) => Promise<void>;
}
