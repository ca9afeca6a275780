import { readFileSync } from 'node:fs';
import { execPath } from 'node:process';

/** The metrics page of a real vLLM 0.32 on a CPU. */
export const recordedMetrics = readFileSync(
  new URL('../../../test/fixtures/engines/vllm-metrics.txt', import.meta.url),
  'utf8',
);

/**
 * A stand-in for `vllm`: its command line, its pages (the metrics page is a recorded one with the
 * counters moving), its refusal of unknown options. FAKE_CRASH: a line to print before exit 1.
 */
export const fakeVllm = `#!${execPath}
const { createServer } = require('node:http');
const args = process.argv.slice(2);
if (args[0] === '--version') { console.log('INFO 11-28 banner of a plugin'); console.log('0.32.0+cpu'); process.exit(0); }
const known = ['--served-model-name', '--host', '--port', '--max-num-seqs', '--max-model-len', '--dtype'];
const values = {};
for (let i = 2; i < args.length; i += 2) {
  if (args[i] === '--enforce-eager') { i -= 1; continue; }
  if (!known.includes(args[i])) {
    console.error('usage: vllm serve [model_tag] [options]');
    console.error('vllm: error: unrecognized arguments: ' + args[i]);
    process.exit(2);
  }
  values[args[i]] = args[i + 1];
}
if (process.env.FAKE_CRASH) { console.error(process.env.FAKE_CRASH); process.exit(1); }
process.on('SIGTERM', () => process.exit(0));
const name = values['--served-model-name'];
let generated = 0;
const page = ${JSON.stringify(recordedMetrics)};
createServer((request, response) => {
  const send = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  if (request.url === '/health') return send(200, '');
  if (request.url === '/version') return send(200, { version: '0.32.0' });
  if (request.url === '/metrics') return send(200, page.replace(/^(vllm:generation_tokens_total\\{.*\\}) .*$/m, '$1 ' + generated));
  if (request.url === '/v1/models') return send(200, { data: [{ id: name, owned_by: 'vllm', root: args[1], max_model_len: Number(values['--max-model-len']) }] });
  if (request.url === '/v1/completions') { generated += 2; return send(200, { choices: [{ text: 'x' }] }); }
  send(404, {});
}).listen(Number(values['--port']), values['--host']);
`;
