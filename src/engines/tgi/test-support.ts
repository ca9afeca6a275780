import { engineFixture, fakeServer } from '../test-support.ts';

/** As launcher and router at db931fcf (3.3.6-dev0) print them, with the colours they have in files. */
export const logLines = [
  'Using attention flashinfer - Prefix caching true',
  'Using default cuda graphs [1, 2, 4, 8, 16, 32]',
]
  .map(
    (message) =>
      `\u001b[2m2025-12-18T15:42:36.708936Z\u001b[0m \u001b[32m INFO\u001b[0m \u001b[2mtext_generation_launcher\u001b[0m\u001b[2m:\u001b[0m ${message}`,
  )
  .concat(
    '2025-12-18T15:43:02.115012Z  INFO text_generation_router_v3: backends/v3/src/lib.rs:137: Setting max batch total tokens to 90512',
  )
  .join('\n');

const metrics = engineFixture('tgi-metrics.txt').replace(
  /^(tgi_batch_current_size|tgi_queue_size) .*$/gm,
  '$1 0',
);

export const fakeTgi = fakeServer({
  version: 'text-generation-launcher 3.3.6-dev0',
  options: [
    ...['--model-id', '--hostname', '--port', '--shard-uds-path', '--max-batch-size'],
    ...['--max-total-tokens', '--max-concurrent-requests', '--max-waiting-tokens'],
  ],
  switches: [],
  refuse: (option) =>
    `error: unexpected argument '${option}' found\n\nUsage: text-generation-launcher [OPTIONS]`,
  banner: logLines,
  hostOption: '--hostname',
  pages: `
    const page = ${JSON.stringify(metrics)};
    const socket = values['--shard-uds-path'] + '-0';
    require('node:fs').writeFileSync(socket, '');
    if (path === '/health') return '';
    if (path === '/metrics')
      return page.replace(/^tgi_request_count .*$/m, 'tgi_request_count ' + generated / 2);
    if (path === '/v1/models')
      return { data: [{ id: values['--model-id'], owned_by: values['--model-id'] }] };
    if (path === '/info')
      return { model_id: values['--model-id'], model_sha: null, version: '3.3.6-dev0',
        max_concurrent_requests: Number(values['--max-concurrent-requests']), max_best_of: 2,
        max_input_tokens: Number(values['--max-total-tokens']) - 1, docker_label: null,
        max_total_tokens: Number(values['--max-total-tokens']), validation_workers: 2,
        max_client_batch_size: 4, router: 'text-generation-router', sha: 'db931fc' };
  `,
});
