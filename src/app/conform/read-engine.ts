import type { ClientTarget } from '../../client/index.ts';
import type { Clock } from '../../core/index.ts';
import type { EngineReading } from '../../model/index.ts';
import { type EngineSource, findEngineSource, readEngine } from '../../telemetry/index.ts';
import { openEnginePages } from '../telemetry/engine-pages.ts';

/** Looks at an engine's metrics when asked; where they are is found out at the first look. */
export function openReadings(target: ClientTarget, clock: Clock) {
  const pages = openEnginePages(target, [], clock);
  let source: Promise<EngineSource | string> | null = null;
  return {
    async read(): Promise<EngineReading | null> {
      source ??= findEngineSource(pages.servers);
      const found = await source;
      if (typeof found === 'string') return null;
      return readEngine(found).catch(() => null);
    },
    close: () => pages.close(),
  };
}
