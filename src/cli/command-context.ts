import type { ExitCode, Host } from '../core/index.ts';

/** What every command gets. */
export interface CommandContext {
  host: Host;
  /** The code the process will end with. */
  exit(code: ExitCode): void;
}
