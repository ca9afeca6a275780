import type { CannedReply } from './fault-plan.ts';
import { jsonReply } from './fault-plan.ts';
import { renderMetricsPage } from './metrics-page.ts';
import type { JsonBody, SimContext } from './sim-context.ts';
import { promptWordsOf, tokenIdOf, wordsOf } from './sim-tokenizer.ts';
import { formatTruthLog } from './truth-log.ts';

const notFound = () => jsonReply(404, JSON.stringify({ detail: 'Not Found' }));

/** The routes that generate nothing. Unknown ones are a 404 as FastAPI says it. */
export function answerSideRoute(
  context: SimContext,
  method: string,
  path: string,
  body: JsonBody,
): CannedReply {
  const { spec } = context;
  switch (`${method} ${path}`) {
    case 'GET /health':
      return spec.routes.health ? jsonReply(200, JSON.stringify({ status: 'ok' })) : notFound();
    case 'GET /v1/models':
      return spec.routes.models
        ? jsonReply(200, JSON.stringify({ object: 'list', data: spec.models.map(modelCard) }))
        : notFound();
    case 'POST /tokenize':
      return spec.routes.tokenize ? jsonReply(200, tokenize(context, body)) : notFound();
    case 'GET /metrics':
      return spec.routes.metrics ? metrics(context) : notFound();
    case 'GET /props':
      return spec.routes.props ? jsonReply(200, props(context)) : notFound();
    case 'GET /_truth':
      return {
        status: 200,
        headers: { 'content-type': 'application/jsonl' },
        body: formatTruthLog(context.truth),
      };
    default:
      return notFound();
  }

  function modelCard(id: string): JsonBody {
    return { id, object: 'model', owned_by: 'sim', max_model_len: spec.contextTokens };
  }
}

/** llama.cpp: `{content}` -> `{tokens}`; vLLM: `{prompt}` or `{messages}` -> `{count, tokens}`. */
function tokenize(context: SimContext, body: JsonBody): string {
  if (typeof body['content'] === 'string') {
    const words = wordsOf(body['content']);
    const tokens = body['with_pieces']
      ? words.map((piece) => ({ id: tokenIdOf(piece), piece }))
      : words.map(tokenIdOf);
    return JSON.stringify({ tokens });
  }
  const template = Array.isArray(body['messages']) ? context.spec.chatTemplateTokens : 0;
  const ids = promptWordsOf(body).map(tokenIdOf);
  const tokens = [...Array.from({ length: template }, (_, i) => i), ...ids];
  return JSON.stringify({
    count: tokens.length,
    max_model_len: context.spec.contextTokens,
    tokens,
  });
}

function metrics(context: SimContext): CannedReply {
  return {
    status: 200,
    headers: { 'content-type': 'text/plain; version=0.0.4' },
    body: renderMetricsPage(context),
  };
}

/** The part of llama.cpp's /props that clients read. */
function props({ spec }: SimContext): string {
  return JSON.stringify({
    total_slots: spec.slots,
    default_generation_settings: { n_ctx: spec.contextTokens },
    model_alias: spec.models[0],
    model_path: `/models/${spec.models[0]}.gguf`,
  });
}
