import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError, ExitCode, strongestExitCode } from '../src/core/index.ts';
import { generatedNote, markdownTable } from './markdown.ts';
import { type ErrorUse, scanErrors } from './scan-errors.ts';

const meanings: Record<keyof typeof ExitCode, [meaning: string, next: string]> = {
  ok: ['Fine.', ''],
  bug: ['A bug in `bench`: the stack is shown.', 'Report it.'],
  usage: [
    'The command line is wrong, or something that you wrote: a config, a data set, a scenario.',
    'Read the message.',
  ],
  prerequisite: [
    'Something needed is missing: a program, a model, a result, a download, a writable folder.',
    '`bench doctor`',
  ],
  target: [
    'The server or engine failed: it did not start, or no request succeeded (`bench conform`: no generation; its table is printed and written). A judged submission: `server_fail`.',
    '`engine.log` in the result folder (`bench engine logs` for one started by `engine start`); what was measured is saved.',
  ],
  slo: [
    'An SLO was given and no level meets it, or a gate failed.',
    'The result is valid and saved.',
  ],
  invalid: [
    'The measurement is not to be used: the headline level, or every level, is invalid.',
    'The findings say why; the result is saved.',
  ],
  budget: [
    '`--max-total-tokens` or `--max-cost` was reached.',
    'What was measured is saved, marked partial; `--resume` goes on.',
  ],
  interrupted: [
    'Ctrl-C or SIGTERM.',
    'What was measured is saved, marked partial; of `bench arena`, see below.',
  ],
};

export function renderExitCodes(): string {
  const names = Object.keys(ExitCode) as (keyof typeof ExitCode)[];
  const codes = names.map((name) => ExitCode[name]);
  const order = codes.toSorted((a, b) => (strongestExitCode([a, b]) === a ? -1 : 1));
  return `${generatedNote}
# Exit codes

${markdownTable(
  ['code', 'name', 'meaning', 'then'],
  names.map((name) => [String(ExitCode[name]), name, ...meanings[name]]),
)}

When several apply, the first of these wins: ${order.join(', ')}.

**A path that leads nowhere**, or to a file that is not what it should be, ends with 2 where you write what is
there: a config, prices, a data set, questions, a scenario, cheats, rules, the folder of a submission, an agent's
script, a program for a second opinion. It ends with 3 where bench, a download or the machine makes it: a result, a trial,
its \`reference.json\`, what is to be resumed, a model, an engine, a folder to write to. **What a judged folder holds** is judged: without a
\`start_server.sh\`, or with a \`submission.json\` that cannot be read, the outcome is \`server_fail\` and the code 4.

**Interrupted, \`bench arena judge\`** has no result: no \`trial.json\` is written, and a judgement is not resumed. What was
seen until then stays in its folder: \`requests.jsonl\`, \`launches.jsonl\`, the logs of servers. \`bench arena resume\`
goes on with an interrupted \`bench arena run\`.

Validity is judged for each level. Results are saved whatever the code is, as far as a request was
sent. [Error codes](errors.md) lists what ends with 2, 3, 4, 5 or 7.
`;
}

/** All error codes that the source can throw, one row each. */
export function renderErrors(root: string): string {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$|^(sim|testing)\//.test(path))
    .toSorted();
  const byCode = new Map<string, ErrorUse[]>();
  for (const path of files) {
    for (const use of scanErrors(path, readFileSync(join(root, 'src', path), 'utf8'))) {
      byCode.set(use.code, [...(byCode.get(use.code) ?? []), use]);
    }
  }
  const rows = [...byCode]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, uses]) => [
      `\`${code}\``,
      String(new BenchError(code, '').exitCode),
      joined(uses.map(({ message }) => message)),
      joined(uses.map(({ hint }) => hint)),
    ]);
  return `${generatedNote}
# Error codes

What \`bench\` says when something expected goes wrong. The code is part of the contract, the words
are not; \`--json\` carries the code in \`error.code\`. The first word decides the
[exit code](exit-codes.md). Words in <…> stand for values.

${markdownTable(['code', 'exit', 'message', 'next step'], rows)}
`;
}

function joined(texts: readonly (string | null)[]): string {
  const distinct = [...new Set(texts.filter((text) => text !== null))];
  return distinct.length === 0 ? '—' : distinct.join(' / ');
}
