import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { generatedNote, markdownTable } from './markdown.ts';

/** What this page needs of src/metrics. */
interface Documented {
  id: string;
  title: string;
  unit: string;
  better: string | null;
  description: string;
  source: string;
}
interface MetricsDoor {
  metricDefinitions?: readonly Documented[];
  keysOf?(definition: Documented): string[];
}

export async function renderMetrics(root: string): Promise<string | null> {
  const door = join(root, 'src/metrics/index.ts');
  if (!existsSync(door)) return null;
  const { metricDefinitions, keysOf }: MetricsDoor = await import(door);
  if (!metricDefinitions) return null;
  const rows = metricDefinitions.map((definition) => {
    const { id, title, unit, better, description, source } = definition;
    return [`\`${id}\``, title, unit, better ?? '—', description, source];
  });
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

${markdownTable(['id', 'name', 'unit', 'better', 'what it is', 'source'], rows)}

## Keys

As they stand in \`envelope.json\` and under \`--json\`.

${markdownTable(['id', 'keys'], keys)}
`;
}
