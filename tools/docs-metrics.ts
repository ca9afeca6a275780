import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { generatedNote, markdownTable } from './markdown.ts';

/** What this page needs of src/metrics and src/protocols. */
interface Documented {
  id: string;
  title: string;
  unit: string;
  better: string | null;
  description: string;
  formula?: string;
  source: string;
}
interface Peer {
  id: string;
  title: string;
  basis: string;
  limits: readonly string[];
  differences: readonly { metric: string; theirs: string; difference: string; source: string }[];
}
interface MetricsDoor {
  metricDefinitions?: readonly Documented[];
  keysOf?(definition: Documented): string[];
  peerTools?: { list(): readonly Peer[] };
}

export async function renderMetrics(root: string): Promise<string | null> {
  const door = join(root, 'src/metrics/index.ts');
  if (!existsSync(door)) return null;
  const { metricDefinitions, keysOf, peerTools }: MetricsDoor = await import(door);
  if (!metricDefinitions) return null;
  const protocols = join(root, 'src/protocols/index.ts');
  const runWide: readonly Documented[] = existsSync(protocols)
    ? (((await import(protocols)) as { runWideDefinitions?: Documented[] }).runWideDefinitions ??
      [])
    : [];
  const keys = keysOf
    ? metricDefinitions.map((definition) => [
        `\`${definition.id}\``,
        keysOf(definition)
          .map((key) => `\`${key}\``)
          .join(' '),
      ])
    : [];
  return `${generatedNote}
# Metrics

What was not measured, or is not defined on the data at hand, is null; \`"inf"\` stands for infinite.
In formulas t(x) is the moment of x, N the output tokens of a request, span the time from the start of the counted
window to the end of the last counted request.

## Of a level

${tableOf(metricDefinitions)}

## Of a run

${tableOf(runWide)}

## In other tools

\`bench show RESULT --definitions vllm|aiperf\` recomputes a stored result by the rules of another load generator. Metrics
that are not listed here are the same, or are not there.

${(peerTools?.list() ?? []).map(renderPeer).join('\n\n')}

## Keys

As they stand in \`envelope.json\` and under \`--json\`.

${markdownTable(['id', 'keys'], keys)}
`;
}

function tableOf(definitions: readonly Documented[]): string {
  return markdownTable(
    ['id', 'name', 'unit', 'better', 'formula', 'what it is', 'source'],
    definitions.map(({ id, title, unit, better, formula, description, source }) => {
      return [`\`${id}\``, title, unit, better ?? '—', formula ?? '—', description, source];
    }),
  );
}

function renderPeer({ id, title, basis, limits, differences }: Peer): string {
  return `### ${title.replaceAll('`', '')}

\`--definitions ${id}\`: ${basis}.

${markdownTable(
  ['here', 'there', 'what differs there', 'source'],
  differences.map((one) => [`\`${one.metric}\``, `\`${one.theirs}\``, one.difference, one.source]),
)}

${limits.map((limit) => `- ${limit}`).join('\n')}`;
}
