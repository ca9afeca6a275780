import type { ClientTarget } from '../../client/index.ts';
import { type Host, redactText } from '../../core/index.ts';
import { packageVersion } from '../../host/index.ts';
import type { Conformance } from '../../model/index.ts';
import type { OpenedTarget } from '../open-target.ts';
import { redactArgv } from '../run-state.ts';
import type { ServerFacts } from '../server-facts.ts';
import type { ConformSettings } from './conform-settings.ts';

type Draft = Omit<Conformance, 'server' | 'rows' | 'api' | 'requests' | 'endedAt' | 'status'>;

/** What is known before the server was asked. */
export function draftConformance(settings: ConformSettings, { clock, argv }: Host): Draft {
  return {
    schema: 'inferencebench.conformance.v1',
    startedAt: new Date(clock.wallMs()).toISOString(),
    exitCode: 0,
    tool: { name: 'inferencebench', version: packageVersion() },
    command: { argv: redactArgv(['bench', ...argv], settings) },
    required: settings.require,
  };
}

/** The server by what started it, else by what it says of itself. */
export function describeServer(
  { engine, running }: OpenedTarget,
  facts: ServerFacts,
  target: ClientTarget,
): Conformance['server'] {
  return {
    endpoint: redactText(target.url),
    engine: engine.id ?? facts.engine,
    version: engine.version ?? facts.version,
    started: engine.started,
    commandLine: engine.commandLine,
    model: target.model,
    contextTokens: facts.maxModelTokens,
    slots: running?.slots ?? facts.slots,
  };
}
