import { execPath } from 'node:process';

/**
 * A stand-in for a Python with mlx-lm 0.32.2, as far as its server.py goes: the flags it takes, HTTP/1.0
 * replies whose body ends with the connection, comments before the first token, an end after five
 * tokens whatever is asked, 404 for a model it would have to load, /health that fails once what
 * generates is gone. FAKE_DEAD: a line to log before that happens. FAKE_CRASH: a line before exit 1.
 * FAKE_IMPORT: why `import mlx.core` fails.
 */
export const fakeMlxPython = `#!${execPath}
const { createServer } = require('node:net');
const { existsSync } = require('node:fs');
const [flag, ...rest] = process.argv.slice(2);
const { FAKE_DEAD, FAKE_CRASH, FAKE_IMPORT, HF_HUB_CACHE } = process.env;
if (flag === '-c' && rest[0].includes('from importlib import metadata')) {
  const versions = { mlx: '0.32.4', 'mlx-lm': '0.32.2' };
  const asked = Object.fromEntries(rest.slice(1).map((name) => [name, versions[name] ?? null]));
  console.log(JSON.stringify({ executable: __filename, python: '3.11.2', ...asked }));
  process.exit(0);
}
if (flag === '-c' && rest[0].includes('import mlx.core')) {
  if (FAKE_IMPORT) { console.error(FAKE_IMPORT); process.exit(1); }
  console.log('{"device": "Device(cpu, 0)", "architecture": "x86_64"}');
  process.exit(0);
}
const [name, command, ...args] = rest;
if (flag !== '-m' || name !== 'mlx_lm' || command !== 'server') process.exit(9);
const known = ['--model', '--host', '--port', '--decode-concurrency', '--prompt-concurrency', '--prefill-step-size'];
const values = {};
for (let i = 0; i < args.length; i += 2) {
  if (!known.includes(args[i])) {
    console.error('usage: __main__.py [-h] [--model MODEL]');
    console.error('__main__.py: error: unrecognized arguments: ' + args[i]);
    process.exit(2);
  }
  values[args[i]] = args[i + 1];
}
if (FAKE_CRASH) { console.error(FAKE_CRASH); process.exit(1); }
if (FAKE_DEAD) console.error(FAKE_DEAD);
process.on('SIGTERM', () => process.exit(0));
const model = values['--model'];
const fingerprint = '0.32.2-0.32.4-Linux-x86_64';
const ends = 5;
function answer(socket, method, path, body) {
  const head = (status, type) => socket.write('HTTP/1.0 ' + status + ' X\\r\\nServer: BaseHTTP/0.6 Python/3.11.7\\r\\nContent-type: ' + type + '\\r\\n\\r\\n');
  const send = (status, value) => { head(status, 'application/json'); socket.end(JSON.stringify(value)); };
  console.error('127.0.0.1 - - "' + method + ' ' + path + ' HTTP/1.1"');
  if (path === '/health') return FAKE_DEAD ? send(503, { status: 'unavailable' }) : send(200, { status: 'ok' });
  if (path === '/v1/models') return HF_HUB_CACHE && existsSync(HF_HUB_CACHE) ? send(200, { data: [{ id: model, object: 'model' }] }) : socket.destroy();
  if (path !== '/v1/completions') return send(404, {});
  const asked = JSON.parse(body);
  if (asked.model !== model) return send(404, { error: 'Repository Not Found' });
  const tokens = Math.min(asked.max_tokens, ends);
  const reason = tokens < asked.max_tokens ? 'stop' : 'length';
  const prompt_tokens = asked.prompt.split(/\\s+/).length;
  const usage = { prompt_tokens, completion_tokens: tokens, total_tokens: prompt_tokens + tokens };
  const frame = { id: 'cmpl-1', system_fingerprint: fingerprint, object: 'text_completion', model, created: 1 };
  if (!asked.stream) return send(200, { ...frame, choices: [{ index: 0, finish_reason: reason, text: ' x'.repeat(tokens) }], usage });
  head(200, 'text/event-stream');
  const event = (value) => socket.write('data: ' + JSON.stringify(value) + '\\n\\n');
  socket.write(': keepalive 1/2\\n\\n');
  let sent = 0;
  const next = () => {
    if (socket.destroyed) return;
    if (sent++ < tokens) {
      event({ ...frame, choices: [{ index: 0, finish_reason: null, text: ' x' }] });
      return void setTimeout(next, 2);
    }
    event({ ...frame, choices: [{ index: 0, finish_reason: reason, text: '' }] });
    if (asked.stream_options?.include_usage) event({ ...frame, object: 'chat.completion', choices: [], usage });
    socket.end('data: [DONE]\\n\\n');
  };
  setTimeout(next, 5);
}
createServer((socket) => {
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (part) => {
    text += part;
    const split = text.indexOf('\\r\\n\\r\\n');
    if (split < 0) return;
    const length = Number(/content-length: (\\d+)/i.exec(text.slice(0, split))?.[1] ?? 0);
    const body = text.slice(split + 4);
    if (Buffer.byteLength(body) < length) return;
    const [method, path] = text.split(' ');
    text = '';
    answer(socket, method, path, body);
  });
}).listen(Number(values['--port']), values['--host']);
`;
