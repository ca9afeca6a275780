import type { Comparison, Envelope } from '../../model/index.ts';
import { sloText } from '../../report/index.ts';

interface Field {
  name: string;
  /** Differing makes the comparison one of something else than the servers. */
  refused: boolean;
  of(envelope: Envelope, definition: string): unknown;
}

const fields: readonly Field[] = [
  {
    name: 'hardware',
    refused: true,
    of: ({ hardware, environment }) =>
      `${hardware.detected}, ${environment.cpuCount} CPUs${environment.gpus.map(({ name }) => `, ${name}`).join('')}`,
  },
  {
    name: 'data set',
    refused: true,
    of: ({ workload: { dataset, prompts } }) => prompts?.dataset ?? dataset,
  },
  { name: 'prompt tokens', refused: true, of: ({ workload }) => workload.inputTokens },
  { name: 'output tokens', refused: true, of: ({ workload }) => workload.outputTokens },
  { name: 'temperature', refused: true, of: ({ workload }) => workload.temperature },
  { name: 'lengths enforced', refused: true, of: ({ workload }) => workload.ignoreEos },
  { name: 'API', refused: true, of: ({ target }) => target.api },
  {
    name: 'SLO',
    refused: true,
    of: ({ slo, slos }) => (slos ?? (slo === null ? [] : [slo])).map(sloText).join('; ') || 'none',
  },
  { name: 'kind of run', refused: true, of: ({ quickLook }) => (quickLook ? 'quick look' : 'run') },
  { name: 'metric definitions', refused: true, of: (_, definition) => definition },
  { name: 'host', refused: false, of: ({ environment }) => environment.hostnameHash },
  { name: 'model', refused: false, of: ({ model }) => model.served ?? model.asked },
  { name: 'quantisation', refused: false, of: ({ model }) => model.quant ?? model.quantAsked },
  { name: 'engine', refused: false, of: ({ engine }) => engine.id },
  { name: 'engine version', refused: false, of: ({ engine }) => engine.version },
  { name: 'engine settings', refused: false, of: ({ engine }) => settingsOf(engine) },
];

/** What differs between any two starts (ports, paths) is no difference: it goes with its flag. */
function settingsOf({ commandLine, settings }: Envelope['engine']): unknown {
  if (commandLine === null) return settings;
  const isOfStart = (i: number) =>
    /^--?(port|log-file)$/.test(commandLine[i - 1] ?? '') || /^\/|:\d+$/.test(commandLine[i] ?? '');
  return commandLine.filter(
    (word, i) =>
      !isOfStart(i) && !(word.startsWith('-') && i + 1 < commandLine.length && isOfStart(i + 1)),
  );
}

/** One result, and by what its numbers were computed. */
export interface ContextOf {
  envelope: Envelope;
  definition: string;
}

/**
 * Fields in which the sides differ, or results of one side among themselves.
 * @param force a difference that would be refused is allowed
 */
export function contextMismatches(
  a: readonly ContextOf[],
  b: readonly ContextOf[],
  force: boolean,
): Comparison['mismatches'] {
  return fields.flatMap(({ name, refused, of }) => {
    const shown = (side: readonly ContextOf[]) => [
      ...new Set(side.map(({ envelope, definition }) => text(of(envelope, definition)))),
    ];
    const [ofA, ofB] = [shown(a), shown(b)];
    if (new Set([...ofA, ...ofB]).size === 1) return [];
    return [{ field: name, a: ofA.join(' | '), b: ofB.join(' | '), allowed: force || !refused }];
  });
}

function text(value: unknown): string {
  if (value === null || value === undefined) return 'unknown';
  if (Array.isArray(value) && value.every((word) => typeof word === 'string'))
    return value.join(' ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
