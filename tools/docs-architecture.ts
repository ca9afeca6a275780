import table from './boundaries.json' with { type: 'json' };
import { fillPart, markdownTable } from './markdown.ts';

const modules = Object.keys(table) as (keyof typeof table)[];

/** Puts the picture and the table of modules between the page's markers. */
export function renderArchitecture(present: string): string {
  const path = 'docs/design/architecture.md';
  const drawn = fillPart(present, path, 'picture', renderPicture());
  return fillPart(drawn, path, 'modules', renderTable());
}

function importsOf(name: string): string[] {
  const { imports } = table[name as keyof typeof table];
  return Array.isArray(imports) ? imports : ['cli'];
}

/** Only the arrows that no longer path of arrows already says. */
function renderPicture(): string {
  const reach = (name: string): Set<string> =>
    new Set(importsOf(name).flatMap((other) => [other, ...reach(other)]));
  const arrows = modules.flatMap((name) => {
    const direct = importsOf(name);
    const indirect = new Set(direct.flatMap((other) => [...reach(other)]));
    return direct.filter((other) => !indirect.has(other)).map((other) => `  ${name} --> ${other}`);
  });
  return ['```mermaid', 'flowchart TD', ...arrows, '```'].join('\n');
}

function renderTable(): string {
  const rows = modules.map((name) => {
    const { does, imports } = table[name];
    const may = imports === 'all' ? 'anything' : importsOf(name).join(', ') || '—';
    return [`\`src/${name}/\``, does, may];
  });
  return markdownTable(['module', 'does', 'may import'], rows);
}
