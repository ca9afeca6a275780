import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from './run-cli.ts';

let cwd = '';
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'bench-cli-'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** Nobody listens there, and nobody is to be asked. */
const endpoint = ['--endpoint', 'http://127.0.0.1:9/v1'];
const run = (...argv: string[]) => ['run', 'llm.inference', ...endpoint, ...argv];

const rows: [string, string[], RegExp, RegExp?][] = [
  ['no command', [], /Usage: bench/],
  ['unknown command', ['rnu'], /unknown command 'rnu'[\s\S]*Did you mean run\?/],
  ['unknown suite', ['run', 'llm.inferense'], /"llm.inferense"\. Did you mean "llm.inference"\?/],
  ['no suite', ['run'], /missing required argument 'suite'/],
  ['unknown flag', run('--rat', '1'), /unknown option '--rat'[\s\S]*Did you mean --rate\?/],
  ['flag without its value', run('--rate'), /'--rate <list>' argument missing/],
  ['too many arguments', run('more'), /too many arguments/],
  [
    'nothing to measure',
    ['run', 'llm.inference'],
    /no --engine and no --endpoint/,
    /--engine llama/,
  ],
  ['two targets', run('--engine', 'llama.cpp'), /--engine and --endpoint exclude/, /Give one/],
  ['unknown engine', ['run', 'llm.inference', '--engine', 'llamacp'], /llamacp/, /llama\.cpp/],
  [
    'engine without a model',
    ['run', 'llm.inference', '--engine', 'llama.cpp'],
    /--engine llama.cpp needs a model/,
    /--model smollm2-135m.*--model-path/,
  ],
  [
    'not a URL',
    ['run', 'llm.inference', '--endpoint', 'http://'],
    /--endpoint: "http:\/\/" is not/,
  ],
  [
    'not an http URL',
    ['run', 'llm.inference', '--endpoint', 'ftp://h'],
    /not an http or https URL/,
  ],
  ['rate of zero', run('--rate', '0'), /--rate: "0" is not a number above 0/, /--help/],
  ['rate that is no number', run('--rate', '1,x'), /--rate: "x" is not a number above 0/],
  ['empty entry in a list', run('--rate', '1,,2'), /--rate: "" is not a number/],
  ['infinite rate', run('--rate', 'inf'), /--rate: "inf" is not/],
  ['negative concurrency', run('--concurrency', '-1'), /--concurrency: "-1" is not/],
  ['half a caller', run('--max-concurrency', '1.5'), /"1\.5" is not a whole number/],
  ['rate and concurrency', run('--rate', '1', '--concurrency', '2'), /exclude each other/],
  ['two caps at a rate', run('--rate', '1', '--max-concurrency', '1,2'), /only one cap/],
  ['requests without a load', run('--requests', '5'), /need a load/, /--rate, --concurrency/],
  ['no requests', run('--rate', '1', '--requests', '0'), /--requests: "0" is not a whole number/],
  ['duration of zero', run('--rate', '1', '--duration', '0'), /--duration: "0" is not/],
  ['time budget too small', run('--time-budget', '3'), /"3" is not a number of at least 10/],
  [
    'unknown arrival',
    run('--rate', '1', '--arrival', 'poison'),
    /"poison"\. Did you mean "poisson"/,
  ],
  ['gamma without a shape', run('--rate', '1', '--arrival', 'gamma'), /Arrival "gamma"/, /gamma:/],
  ['gamma of a bad shape', run('--rate', '1', '--arrival', 'gamma:0'), /Arrival "gamma:0"/],
  ['length of zero', run('--input-tokens', '0'), /--input-tokens "0" is not MEAN/, /512:128/],
  ['length that is no number', run('--output-tokens', 'a:b'), /--output-tokens "a:b" is not MEAN/],
  ['unknown API', run('--api', 'chatt'), /'chatt' is invalid.*chat, completions/],
  ['unknown SLO', run('--slo-template', 'llm.standart'), /Did you mean "llm.standard"/, /Known:/],
  ['unknown data set', run('--dataset', 'randon'), /"randon"\. Did you mean "random"\?/, /Known:/],
  ['data set without its file', run('--dataset', 'jsonl'), /"jsonl"/, /jsonl:FILE/],
  ['seed beyond 32 bits', run('--seed', '4294967296'), /--seed: "4294967296" is not/],
  ['error share in percent', run('--max-error-share', '5'), /a number of at least 0 up to 1/],
  [
    'header without a value',
    run('--header', 'X-Nothing'),
    /"X-Nothing" is not of the form NAME=VALUE/,
  ],
  [
    'extra body that is no JSON',
    run('--extra-body', '{a:1}'),
    /--extra-body: .* not a JSON object/,
  ],
  ['extra body that is no object', run('--extra-body', '[1]'), /not a JSON object/],
  ['details without the result file', run('--save-detailed'), /needs --save-result/],
  [
    'config file that is not there',
    run('--config', 'no.yaml'),
    /Cannot read --config no\.yaml/,
    /path/,
  ],
  [
    'config file of an unknown key',
    run('--config', 'key.yaml'),
    /key "ratee".*Did you mean "rate"/,
    /long flags/,
  ],
  [
    'config file that is no YAML',
    run('--config', 'bad.yaml'),
    /--config bad\.yaml: .* at line 2, column 1/,
    /YAML map/,
  ],
  ['config file that is a list', run('--config', 'list.yaml'), /not a map of options/, /YAML map/],
  [
    'config file of a bad value',
    run('--config', 'value.yaml'),
    /rate \(config file\): "-1" is not/,
  ],
  [
    'config file of a bad choice',
    run('--config', 'choice.yaml'),
    /"chatt" is not one of auto, chat/,
  ],
  ['report in an unknown format', ['report', 'x', '--format', 'pdf'], /'pdf' is invalid/],
  ['show without a result', ['show'], /missing required argument 'result'/],
  ['engine of an unknown id', ['engine', 'install', 'llama'], /llama/, /llama\.cpp/],
];

beforeAll(() => {
  const files = {
    'key.yaml': 'ratee: 1\n',
    'bad.yaml': 'rate: [1\n',
    'list.yaml': '- rate\n',
    'value.yaml': 'rate: [1, -1]\n',
    'choice.yaml': 'api: chatt\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
});

test.each(rows)('%s', async (_name, argv, message, hint) => {
  const before = readdirSync(cwd);
  const { exitCode, out, err } = await runCli(argv, { cwd });
  expect(exitCode, err).toBe(2);
  expect(err).toMatch(message);
  if (hint) expect(err).toMatch(hint);
  // Nothing on stdout that a script could take for an answer, and nothing begun.
  expect(out).toBe('');
  expect(err).not.toContain('This is a bug');
  expect(readdirSync(cwd)).toEqual(before);
});
