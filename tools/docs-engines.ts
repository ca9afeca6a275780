import { type Engine, engines } from '../src/engines/index.ts';
import { fillPart, markdownTable } from './markdown.ts';

/** Each engine's page, by id. */
const pages: Readonly<Record<string, string>> = {
  'llama.cpp': 'llama-cpp',
  trtllm: 'tensorrt-llm',
};

/** File to its renderer: the table of what can be tuned, between the page's markers. */
export const enginePages: Readonly<Record<string, (present: string) => string>> =
  Object.fromEntries(
    engines.list().map((engine) => {
      const path = `docs/engines/${pages[engine.id] ?? engine.id}.md`;
      return [path, (present: string) => fillPart(present, path, 'tunables', tunables(engine))];
    }),
  );

function tunables(engine: Engine): string {
  const sources = [...new Set(engine.tunables.map(({ source }) => source))];
  const rows = engine.tunables.map((tunable) => [
    `\`${tunable.flag}\``,
    values(tunable),
    defaultOf(tunable.default),
    tunable.condition ?? '—',
    sources.length === 1
      ? tunable.trades
      : `${tunable.trades} [${sources.indexOf(tunable.source) + 1}]`,
  ]);
  const table = markdownTable(['Option', 'Values', 'Default', 'Condition', 'Trades'], rows);
  const from = sources.map((source, i) => (sources.length === 1 ? source : `[${i + 1}] ${source}`));
  return `\n${table}\n\nFrom ${from.join('; ')}.\n`;
}

function values({ type, range, choices }: Engine['tunables'][number]): string {
  if (choices !== undefined) return choices.join(', ');
  if (range === undefined) return type;
  return `${range.low} to ${range.high}${range.scale === 'log2' ? ', by doubling' : ''}`;
}

function defaultOf(value: Engine['tunables'][number]['default']): string {
  if (value === null) return 'depends';
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
}
