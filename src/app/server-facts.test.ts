import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { defaultTarget } from '../client/index.ts';
import { createNodeHost } from '../host/index.ts';
import { readServerFacts } from './server-facts.ts';

/** What a server tells that has these pages and no others. */
async function factsOf(pages: Record<string, unknown>) {
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    response.writeHead(url in pages ? 200 : 404, { 'content-type': 'application/json' });
    const page = pages[url] ?? {};
    response.end(typeof page === 'string' ? page : JSON.stringify(page));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/v1`;
  const { clock } = createNodeHost();
  const facts = await readServerFacts(
    { ...defaultTarget, url, model: '' },
    clock,
    AbortSignal.timeout(60_000),
  );
  return { facts, asked };
}

const modelsOf = (owned_by: string) => ({ data: [{ id: 'm', owned_by, max_model_len: 4096 }] });

test.each(['/server_info', '/get_server_info'])('SGLang is read by %s', async (path) => {
  const info = {
    ...{ version: '0.5.9', attention_backend: 'fa3', schedule_policy: 'lpm', api_key: 'secret' },
    internal_states: [],
  };
  const { facts } = await factsOf({ '/v1/models': modelsOf('sglang'), [path]: info });
  expect(facts).toMatchObject({
    ...{ engine: 'sglang', version: '0.5.9', maxModelTokens: 4096 },
    settings: { attention_backend: 'fa3', scheduling_policy: 'lpm' },
  });
  expect(JSON.stringify(facts)).not.toContain('secret');
});

test('TensorRT-LLM, which has a /version as vLLM has, is not taken for vLLM', async () => {
  const { facts } = await factsOf({
    '/v1/models': modelsOf('tensorrt_llm'),
    '/version': { version: '1.2.1' },
  });
  expect(facts).toMatchObject({ engine: 'trtllm', version: '1.2.1' });
});

test('vLLM tells its cache on its metrics page', async () => {
  const { facts } = await factsOf({
    '/v1/models': modelsOf('vllm'),
    '/version': { version: '0.32.0' },
    '/metrics': 'vllm:cache_config_info{block_size="128",enable_prefix_caching="True"} 1.0\n',
  });
  expect(facts).toMatchObject({
    ...{ engine: 'vllm', version: '0.32.0' },
    settings: { block_size: 128, enable_prefix_caching: true },
  });
});

test('TGI is known by its router', async () => {
  const info = { router: 'text-generation-router', version: '3.3.6', max_total_tokens: 2048 };
  const { facts } = await factsOf({ '/v1/models': modelsOf('Qwen/Qwen3-0.6B'), '/info': info });
  expect(facts).toMatchObject({
    ...{ engine: 'tgi', version: '3.3.6', maxModelTokens: 2048 },
    settings: { server_version: '3.3.6', max_total_tokens: 2048 },
  });
});

test('a server that says nothing of itself stays unknown', async () => {
  const { facts, asked } = await factsOf({ '/v1/models': modelsOf('somebody') });
  expect(facts).toMatchObject({ engine: null, version: null, settings: {}, ids: ['m'] });
  expect(asked).toContain('/info');
});
