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
    'a port for the engine, by its own argument',
    [
      ...['run', 'llm.inference', '--engine', 'llama.cpp', '--model', 'smollm2-135m'],
      ...['--engine-arg=--port', '--engine-arg=19555'],
    ],
    /--engine-arg --port: bench picks host and port/,
    /bench engine start llama.cpp --port N/,
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
  [
    'one price of two',
    run('--price-input', '1'),
    /--price-output is missing/,
    /--price-input and --price-output/,
  ],
  [
    'tokens and hours to pay for',
    run('--price-input', '1', '--price-output', '1', '--price-per-hour', '2'),
    /--price-input and --price-per-hour exclude/,
    /Give one of them/,
  ],
  [
    'money without a price',
    run('--model', 'm', '--max-cost', '1'),
    /--max-cost 1: what a token of "m" costs there is not known/,
    /--max-total-tokens/,
  ],
  ['a budget of nothing', run('--max-total-tokens', '0'), /--max-total-tokens: "0" is not/],
  [
    'a key in two ways',
    run('--api-key', 'k', '--api-key-env', 'K'),
    /--api-key and --api-key-env exclude/,
    /Leave --api-key out/,
  ],
  [
    'a variable without a key',
    run('--api-key-env', 'NOT_SET_ANYWHERE'),
    /NOT_SET_ANYWHERE is not set/,
    /export NOT_SET_ANYWHERE/,
  ],
  ['one word for a URL', run('--replica', 'notaurl'), /--replica: "notaurl" is not a URL such as/],
  [
    'HTTP/2 without TLS',
    run('--http2'),
    /--http2 needs https: http:\/\/127.0.0.1:9\/v1/,
    /https URL/,
  ],
  [
    'framing header',
    run('--header', 'Content-Length=3'),
    /--header "Content-Length": it says how a request is framed/,
    /Leave it out/,
  ],
  ['connection header', run('--header', 'connection=close'), /framed/, /--connection-reuse/],
  [
    'header with a line break',
    run('--header', 'x=a\r\nb: c'),
    /--header "x": its value holds a control character/,
    /once for each header/,
  ],
  ['no header name', run('--header', 'a(b=c'), /--header "a\(b": a header name holds only/],
  ['host of two words', run('--header', 'host=a b'), /--header "host": its value is not a host/],
  [
    'request id of one’s own',
    run('--header', 'X-Request-Id=mine'),
    /--header "X-Request-Id": every request has an id/,
    /\{requestId\}/,
  ],
  ['rate of zero', run('--rate', '0'), /--rate: "0" is not a number above 0/, /--help/],
  [
    'selftest beyond sense',
    ['selftest', '--rate', '1000000', '--seconds', '1'],
    /--rate: "1000000" is not a number above 0 up to 20000/,
    /bench selftest --help/,
  ],
  [
    'selftest of too many requests',
    ['selftest', '--rate', '20000', '--seconds', '6'],
    /--rate 20000 with --seconds 6 is 120000 requests.*at most 100000/,
    /bench selftest --help/,
  ],
  ['selftest of an hour', ['selftest', '--seconds', '3600'], /"3600" is not.*up to 600/],
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
  [
    'config key in two spellings',
    run('--config', 'twice.yaml'),
    /"input-tokens" is in the config file twice, the second time as "inputTokens"/,
    /Keep one/,
  ],
  [
    'two sources of power',
    run('--power', 'rapl', '--dcgm-url', 'http://n:9400/metrics'),
    /--power and --dcgm-url exclude/,
  ],
  ['an unknown probe of power', run('--power', 'plug'), /'plug' is invalid/, /nvidia, rapl/],
  ['a flag twice', run('--rate', '1', '--rate', '2'), /--rate was given twice: 1 and 2/, /commas/],
  ['a choice twice', run('--api', 'chat', '--api', 'auto'), /--api was given twice/],
  ['a rate beyond any client', run('--rate', '1e9'), /"1e9" is not a number above 0 up to 1000000/],
  ['a duration beyond a week', run('--rate', '1', '--duration', '1e99'), /up to 604800/],
  [
    'arrivals of a closed loop',
    run('--max-concurrency', '2', '--arrival', 'constant'),
    /--arrival constant: a closed loop/,
    /Add --rate/,
  ],
  ['a place for files not asked for', run('--result-dir', 'x'), /--result-dir needs --save-result/],
  ['a label of files not asked for', run('--label', 'x'), /--label needs --save-result/],
  ['a time budget beside a load', run('--rate', '1', '--time-budget', '60'), /quick look/],
  ['sweep and rates', run('--sweep', 'auto', '--rate', '1'), /--sweep and --rate exclude/],
  ['search limits without a search', run('--rate', '1', '--max-probes', '5'), /--sweep auto/],
  ['launches of an endpoint', run('--rate', '1', '--launches', '3'), /--launches 3: a running/],
  ['sustained without rates', run('--max-concurrency', '2', '--sustained'), /--sustained needs/],
  [
    'replicas without an endpoint',
    ['run', 'llm.inference', '--engine', 'llama.cpp', '--replica', 'h:1'],
    /--replica needs --endpoint/,
  ],
  ['balance of one URL', run('--balance', 'round-robin'), /nothing to share out/],
  ['an SLO without a limit', run('--slo', 'fast'), /--slo "fast"/, /ttft=300/],
  ['an SLO of an unknown limit', run('--slo', 'ttfx=3'), /"ttfx"/, /ttft/],
  ['an SLO of a bad limit', run('--slo', 'ttft=-3'), /"-3"/],
  [
    'two SLOs of one name',
    run('--slo', 'a:ttft=1', '--slo', 'a:tpot=1'),
    /two SLOs are called "a"/,
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
    'twice.yaml': 'input-tokens: 8\ninputTokens: 9\n',
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

test.each(rows.filter(([, argv]) => argv.length > 0))('%s, as JSON', async (_name, argv) => {
  const { exitCode, out, err } = await runCli([...argv, '--json'], { cwd });
  expect(exitCode, err).toBe(2);
  const { error } = JSON.parse(out) as { error: Record<string, unknown> };
  expect(error['exitCode']).toBe(2);
  expect(error['code']).toMatch(/^(USAGE|WORKLOAD)_/);
  expect(error['message']).toBeTruthy();
});

test.each(['amd', 'apple'])('power of %s GPUs: not implemented, exit 3', async (power) => {
  const { exitCode, err } = await runCli(run('--power', power), { cwd });
  expect(exitCode, err).toBe(3);
  expect(err).toMatch(/reading the power of \w+ GPUs is not implemented[\s\S]*PREREQ_POWER/);
});
