import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type Command, CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../src/cli/program.ts';
import { engines } from '../src/engines/index.ts';
import { createFakeHost } from '../src/host/index.ts';

const root = resolve(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const pages = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path}`),
];

/** Words as a shell would see them; enough of its quoting for what the pages use. */
function shellWords(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'),
  );
}

/** Every `bench ...` command of a page's code, fenced and inline, as argv. */
function benchCommands(text: string): string[][] {
  const fenced = [...text.matchAll(/^```(?:sh)?\n([\s\S]*?)^```$/gm)].flatMap(([, code = '']) =>
    code.replaceAll(/\\\n\s*/g, ' ').split('\n'),
  );
  const inline = [...text.matchAll(/(?<!vLLM )`(?:npx )?(bench [a-z][^`\n]*)`/g)].map(
    ([, code = '']) => code,
  );
  return [...fenced, ...inline]
    .flatMap((line) => line.split(/ (?:&&|\|\||\|) /))
    .map((line) => line.replace(/^\s*(?:[A-Z_]+=\S* )*(?:npx )?/, '').replace(/ [0-9]?>.*$/, ''))
    .filter((line) => /^bench [a-z-]/.test(line))
    .map((line) => shellWords(line).slice(1));
}

/** Parses without running: commander checks the words, every action is a stub. */
function parseOnly(argv: readonly string[]): { ran: string | null; said: string } {
  const host = createFakeHost();
  const program = createProgram(host, () => {});
  let ran: string | null = null;
  const stub = (command: Command): void => {
    if (command.commands.length === 0) command.action(() => void (ran = command.name()));
    command.allowExcessArguments(false).exitOverride();
    for (const below of command.commands) stub(below);
  };
  stub(program);
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return { ran: 'help', said: '' };
    return { ran: null, said: `${host.err()}${String(error)}` };
  }
  return { ran, said: host.err() };
}

/** `bench engine install|start|stop` and `bench model pull|list` name several commands at once. */
function spellOut(argv: readonly string[]): string[][] {
  const at = argv.findIndex((word) => /^[a-z]+(?:\\?\|[a-z]+)+$/.test(word));
  if (at < 0) return [[...argv]];
  return (argv[at] ?? '').split(/\\?\|/).map((word) => argv.with(at, word));
}

/** A command that is only named (`bench engine install`): it has to exist, its words may be missing. */
function isNamed(argv: readonly string[]): boolean {
  const program = createProgram(createFakeHost(), () => {});
  let command: Command | undefined = program;
  for (const word of argv) {
    command = command?.commands.find((below) => below.name() === word);
    if (command === undefined) return false;
  }
  return true;
}

describe('documented commands', () => {
  const commands = pages.flatMap((page) =>
    benchCommands(read(page))
      .flatMap(spellOut)
      .map((argv) => ({ page, line: argv.join(' '), argv })),
  );

  test('are found in the pages', () => {
    expect(commands.length).toBeGreaterThan(40);
    expect(commands.map(({ line }) => line)).toContain(
      'run llm.inference --engine llama.cpp --model smollm2-135m',
    );
  });

  test.each([...new Map(commands.map((entry) => [`${entry.page} ${entry.line}`, entry])).values()])(
    '$page: bench $line',
    ({ argv }) => {
      if (isNamed(argv)) return;
      const { ran, said } = parseOnly(argv);
      expect(said).toBe('');
      expect(ran).not.toBeNull();
    },
  );

  test.each([
    ['a flag that is not there', 'bench run llm.inference --ratee 1'],
    ['a command that is not there', 'bench stop'],
    ['a missing word', 'bench show --json'],
    ['a word too many', 'bench doctor now'],
    ['a value that is not a choice', 'bench report DIR --format pdf'],
  ])('%s is noticed', (_, line) => {
    const [argv = []] = benchCommands(`\`\`\`sh\n${line}\n\`\`\``);
    expect(isNamed(argv)).toBe(false);
    expect(parseOnly(argv).ran).toBeNull();
  });
});

describe('links', () => {
  const anchorsOf = (text: string) =>
    [...text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(/\s/g, '-'),
    );

  test.each(pages)('%s: every internal link leads somewhere', (page) => {
    const links = [...read(page).matchAll(/\]\((?!\w+:)([^)]*)\)/g)].map(([, link = '']) => link);
    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target =
        path === '' ? page : relative(root, resolve(root, dirname(page), decodeURI(path)));
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  test('every engine has its page', () => {
    const missing = engines
      .list()
      .map(({ id, aliases }) =>
        [id, ...aliases].map((name) => `docs/engines/${name.replaceAll('.', '-')}.md`),
      )
      .filter((names) => !names.some((page) => pages.includes(page)));
    expect(missing).toEqual([]);
  });

  test('every page but the generated ones can be reached from the index', () => {
    const index = read('docs/README.md');
    const listed = pages.filter((page) => /^docs\/.+\/|quick-start/.test(page));
    expect(listed.filter((page) => !index.includes(page.replace('docs/', '')))).toEqual([]);
  });
});

describe('findings', () => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(
      (path) =>
        /\.tsx?$/.test(path) && !/\.test\.tsx?$|fixture|test-support|^(sim|testing)\//.test(path),
    )
    .map((path) => read(`src/${path}`));
  const codes = new Set(
    sources.flatMap((text) =>
      [...text.matchAll(/(?:\bcode: |\w+Code = )'([a-z0-9]+(?:-[a-z0-9]+)+)'/g)].map(
        ([, code = '']) => code,
      ),
    ),
  );
  const page = read('docs/concepts/pitfalls.md');

  test('every code of the source is explained', () => {
    expect(codes.size).toBeGreaterThan(20);
    expect([...codes].filter((code) => !page.includes(`| \`${code}\` |`))).toEqual([]);
  });

  test('no code is explained that the source does not have', () => {
    const section = page.slice(page.indexOf('\n## Findings'));
    const explained = [...section.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, code = '']) => code);
    expect(explained.filter((code) => !codes.has(code))).toEqual([]);
  });
});
