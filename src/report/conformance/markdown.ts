import type { Conformance } from '../../model/index.ts';
import { codeBlock, escapeMarkdown, renderTable } from '../markdown/markup.ts';
import { conformanceFacts, engineText } from './facts.ts';

/** For an engine's maintainers: what was asked, by what, and how to ask again. */
export function renderConformanceMarkdown(conformance: Conformance): string {
  const { server, command, rows } = conformance;
  const lines = [
    `## Conformance of ${escapeMarkdown(engineText(server.engine, server.version))}`,
    '',
    ...conformanceFacts(conformance).map(([name, text]) => `- ${name}: ${escapeMarkdown(text)}`),
    '',
    'To ask again:',
    '',
    ...codeBlock(command.argv.map(shellWord).join(' ')),
    '',
    ...(server.commandLine === null
      ? []
      : [
          'The server was started as:',
          '',
          ...codeBlock(server.commandLine.map(shellWord).join(' ')),
          '',
        ]),
    ...renderTable(
      {
        caption: '',
        head: ['Row', 'What', 'Asked', 'Verdict', 'Evidence', 'For a benchmark'],
        rows: rows.map(({ id, title, asked, verdict, evidence, meaning }) => [
          ...[`\`${id}\``, escapeMarkdown(title), escapeMarkdown(asked), `**${verdict}**`],
          ...[escapeMarkdown(evidence), escapeMarkdown(meaning)],
        ]),
      },
      [1, 2, 3, 4, 5],
      [0, 1, 2, 3, 4, 5],
    ),
  ];
  return `${lines.join('\n')}\n`;
}

const shellWord = (text: string) =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
