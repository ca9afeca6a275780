import type { Conformance } from '../../model/index.ts';
import { unknown } from '../content/table.ts';

/** What was asked, when and by what, in the words of every medium. */
export function conformanceFacts(conformance: Conformance): [name: string, text: string][] {
  const { server, tool, startedAt, api, requests, status } = conformance;
  const { engine, version, started, model, slots, contextTokens } = server;
  return [
    ['Server', `${engineText(engine, version)}${started ? ', started by bench' : ''}`],
    ['Endpoint', started ? 'of that engine, on this machine' : server.endpoint],
    ['Model', model],
    ['API', api],
    ['Served at once', slots === null ? unknown : String(slots)],
    ['Context', contextTokens === null ? unknown : `${contextTokens} tokens`],
    ['Asked', `${startedAt}, ${requests} requests, inferencebench ${tool.version}`],
    ...(status === 'partial'
      ? [['Status', 'partial: not every row was asked'] as [string, string]]
      : []),
  ];
}

export function engineText(engine: string | null, version: string | null): string {
  if (engine === null) return version === null ? unknown : `${unknown}, version ${version}`;
  return version === null ? engine : `${engine} ${version}`;
}
