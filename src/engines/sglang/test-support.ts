import { engineFixture, fakeServer } from '../test-support.ts';

/**
 * A part of what `/get_server_info` answered to SGLang's own documentation build of 2026-03-23
 * (page "SGLang Native APIs"; Qwen2.5-0.5B on one GPU): the arguments, and the scheduler's state.
 */
export const serverInfo = {
  model_path: 'qwen/qwen2.5-0.5b-instruct',
  ...{ context_length: null, mem_fraction_static: 0.907, max_running_requests: 128 },
  ...{ chunked_prefill_size: 8192, max_prefill_tokens: 16384, schedule_policy: 'fcfs' },
  ...{ schedule_conservativeness: 1, page_size: 1, kv_cache_dtype: 'auto', tp_size: 1 },
  ...{ attention_backend: 'fa3', decode_attention_backend: null, prefill_attention_backend: null },
  ...{ sampling_backend: 'flashinfer', api_key: null, speculative_algorithm: null },
  ...{ disable_cuda_graph: true, random_seed: 660209682, max_total_num_tokens: 20480 },
  internal_states: [
    {
      ...{ attention_backend: 'fa3', decode_attention_backend: 'fa3' },
      ...{ prefill_attention_backend: 'fa3', schedule_policy: 'fcfs', max_running_requests: 128 },
    },
  ],
  version: '0.5.9',
};

const metrics = engineFixture('sglang-metrics.txt').replace(
  /^(sglang:num_(?:running|queue)_reqs\{.*\}) .*$/gm,
  '$1 0.0',
);

/** A Python that has SGLang 0.5.9, also run as its program. */
export const fakeSglang = fakeServer({
  version: '0.5.9',
  options: [
    ...['--model-path', '--served-model-name', '--host', '--port', '--max-running-requests'],
    ...['--context-length', '--schedule-policy'],
  ],
  switches: ['--enable-metrics'],
  refuse: (option) =>
    `usage: sglang serve [-h] --model-path MODEL_PATH\nsglang serve: error: unrecognized arguments: ${option}`,
  pages: `
    const page = ${JSON.stringify(metrics)};
    const info = ${JSON.stringify(serverInfo)};
    if (path === '/health_generate') return '';
    if (path === '/metrics' && values['--enable-metrics'])
      return page.replace(/^(sglang:generation_tokens_total\\{.*\\}) .*$/m, '$1 ' + generated);
    if (path === '/v1/models')
      return { data: [{ id: values['--served-model-name'], owned_by: 'sglang' }] };
    if (path === '/server_info')
      return { ...info, internal_states: [], schedule_policy: values['--schedule-policy'] ?? 'fcfs',
        max_running_requests: Number(values['--max-running-requests']),
        context_length: Number(values['--context-length']) };
  `,
});
