import { engineFixture, fakeServer } from '../test-support.ts';

/**
 * Lines of a log of 1.1.0rc3 (20 December 2025, GPT-OSS 120B on a DGX Spark, published by its
 * owner), shortened; the line of the policy is made as later releases print their arguments.
 */
export const logLines = `[TensorRT-LLM] TensorRT-LLM version: 1.1.0rc3
[12/20/2025-04:20:19] [TRT-LLM] [I] PyTorchConfig(use_cuda_graph=True, cuda_graph_padding_enabled=True, attn_backend='TRTLLM', moe_backend='CUTLASS', kv_cache_dtype='auto')
[12/20/2025-04:20:19] [TRT-LLM] [I] LLM Args:
scheduler_config=SchedulerConfig(capacity_scheduler_policy=<CapacitySchedulerPolicy.GUARANTEED_NO_EVICT: 'GUARANTEED_NO_EVICT'>, context_chunking_policy=None)
[12/20/2025-04:21:10] [TRT-LLM] [I] max_seq_len=8224, max_num_requests=64, max_num_tokens=8192, max_batch_size=64
[12/20/2025-04:21:51] [TRT-LLM] [W] Adjusted max_seq_len to 86720
[TensorRT-LLM][INFO] [MemUsageChange] Allocated 5.95 GiB for max tokens in paged KV cache (86720).
[12/20/2025-04:21:52] [TRT-LLM] [I] max_seq_len=86720, max_num_requests=64, max_num_tokens=8192, max_batch_size=64`;

const metrics = engineFixture('trtllm-metrics.txt').replace(
  /^(trtllm_num_requests_(?:running|waiting)\{.*\}) .*$/gm,
  '$1 0.0',
);

/** `trtllm-serve` of the version given, run by a Python that tells it. */
export const fakeTrtllm = (version: string) =>
  fakeServer({
    version,
    options: [
      ...['--host', '--port', '--max_batch_size', '--max_seq_len', '--max_num_tokens'],
      ...['--extra_llm_api_options', '--kv_cache_free_gpu_memory_fraction'],
      ...(version.startsWith('1.3') ? ['--served_model_name'] : []),
    ],
    switches: ['--enable_chunked_prefill'],
    refuse: (option) =>
      `Usage: trtllm-serve serve [OPTIONS] MODEL\nError: No such option: ${option}`,
    banner: logLines,
    pages: `
      const options = require('node:fs').readFileSync(values['--extra_llm_api_options'], 'utf8');
      const page = ${JSON.stringify(metrics)};
      if (path === '/health') return '';
      if (path === '/version') return { version: ${JSON.stringify(version)} };
      if (path === '/metrics') return [];
      if (path === '/prometheus/metrics' && options.includes('return_perf_metrics: true'))
        return page.replace(/^(trtllm_generation_tokens_total\\{.*\\}) .*$/m, '$1 ' + generated);
      if (path === '/v1/models')
        return { data: [{ id: values['--served_model_name'] ?? 'hf', owned_by: 'tensorrt_llm' }] };
    `,
  });
