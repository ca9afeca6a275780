import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { EngineJob } from './engine-model.ts';
import { cannedReplyOf, jsonReply, modelNotFound, openAiError, shapeError } from './fault-plan.ts';
import type { Fault } from './fault-spec.ts';
import { type CutFault, cutOf, planOutput } from './output-plan.ts';
import { createReplyText, cutAtStop } from './reply-text.ts';
import { type JsonBody, type SimContext, sendReply } from './sim-context.ts';
import { promptWordsOf } from './sim-tokenizer.ts';
import { createReplyEvents, frameEvent } from './sse-events.ts';
import { createSseWriter, type SseWriter } from './sse-writer.ts';
import type { TruthRecord } from './truth-log.ts';

/** One request to /v1/chat/completions or /v1/completions, from its parsed body to its end. */
export function handleGeneration(
  context: SimContext,
  res: ServerResponse,
  sent: JsonBody,
  truth: TruthRecord,
): void {
  const { spec, clock, agenda, engine } = context;
  const { quirks } = spec;
  const body = withoutFields(sent, quirks.ignores);
  const { wire } = spec;
  const fault = context.faults.pick(truth.number, truth.receivedUs);
  truth.fault = fault?.kind ?? null;
  const chat = truth.path.endsWith('/chat/completions');
  const model = typeof body['model'] === 'string' ? body['model'] : (spec.models[0] ?? '');
  let job: EngineJob | null = null;
  let writer: SseWriter | null = null;
  let ended = false;

  const end = (outcome: TruthRecord['outcome']): boolean => {
    if (ended) return false;
    ended = true;
    truth.endUs = clock.nowUs();
    truth.outcome = outcome;
    return true;
  };
  const refuse = (reply: {
    status: number;
    headers: Record<string, string>;
    body: string;
  }): void => {
    if (!end('refused')) return;
    truth.status = reply.status;
    sendReply(res, shapeError(reply, quirks.errorShape));
  };
  res.on('close', () => {
    if (quirks.keepsGenerating) return;
    writer?.close();
    if (end('disconnected')) job?.cancel();
  });

  const verdict = context.rateLimiter?.admit(truth.receivedUs, clock.wallMs()) ?? null;
  for (const [name, value] of Object.entries(verdict?.headers ?? {})) res.setHeader(name, value);
  if (verdict?.admitted === false) {
    return refuse(jsonReply(429, openAiError(429, rateLimitMessage)));
  }
  if (fault?.kind === 'hang-before-headers') return;
  if (fault?.kind === 'reset' && fault.afterTokens === null) {
    if (end('cut')) res.socket?.resetAndDestroy();
    return;
  }
  const canned = fault ? cannedReplyOf(fault, model) : null;
  if (canned) return refuse(canned);
  const rejected = spec.rejectFields.find(({ field }) => field in body);
  if (rejected) {
    const message = `Unexpected fields in the request: {'${rejected.field}'}`;
    const text =
      rejected.status === 422
        ? JSON.stringify({ detail: message })
        : openAiError(400, message, rejected.field);
    return refuse(jsonReply(rejected.status, text));
  }
  if (!spec.acceptAnyModel && !spec.models.includes(model)) return refuse(modelNotFound(model));

  const words = promptWordsOf(body);
  const asked = outputTokensOf(body) ?? spec.defaultOutputTokens;
  const allTokens = words.length + (chat ? spec.chatTemplateTokens : 0);
  const room = quirks.tooLong === 'cut' ? spec.contextTokens - asked : allTokens;
  const promptTokens = Math.min(allTokens, room);
  if (promptTokens === 0) return refuse(jsonReply(400, openAiError(400, 'the prompt is empty')));
  if (promptTokens + asked > spec.contextTokens) {
    const message = `max_tokens=${asked} with ${promptTokens} prompt tokens is beyond max_model_len=${spec.contextTokens}.`;
    return refuse(jsonReply(400, openAiError(400, message, 'max_tokens')));
  }
  const minTokens = Number(body['min_tokens'] ?? 0);
  const ignoreEos = body['ignore_eos'] === true || minTokens >= asked;
  const text = createReplyText(spec, body, words, {
    ...{ number: truth.number, isLoaded: () => engine.running() > 1 },
  });
  const planned = planOutput(spec, text.draw ?? truth.number, asked, ignoreEos);
  const output = cutAtStop(
    { ...planned, tokens: planned.tokens + quirks.extraTokens },
    text,
    body['stop'],
  );
  const wantsLogprobs = chat ? body['logprobs'] === true : typeof body['logprobs'] === 'number';
  const tools = Array.isArray(body['tools']) && body['tools'].length > 0;
  const choices = Math.max(1, Math.floor(Number(body['n'] ?? 1)) || 1);
  const options = (body['stream_options'] ?? {}) as JsonBody;
  const cached = context.prefixCache?.lookup(words) ?? 0;
  const stream = body['stream'] === true && fault?.kind !== 'json-not-sse';
  truth.promptTokens = promptTokens;
  truth.cachedTokens = cached;
  truth.stream = stream;

  const firstUs = (): number | null => truth.tokens[0]?.atUs ?? null;
  const events = createReplyEvents(wire, {
    chat,
    id: `${chat ? 'chatcmpl' : 'cmpl'}-${truth.number}`,
    created: Math.floor(clock.wallMs() / 1000),
    model,
    promptTokens,
    cachedTokens: cached,
    choices,
    includeUsage: options['include_usage'] === true,
    continuousUsage: options['continuous_usage_stats'] === true,
    finishReason: quirks.finishReason ?? output.finishReason,
    ...{ textAt: text.at, usageOffset: quirks.usageOffset },
    toolCalls: chat && (wire.toolCalls || (tools && body['tool_choice'] === 'required')),
    logprobsFor: wantsLogprobs ? (quirks.logprobsFor ?? output.tokens) : 0,
    tellsCachedTokens: quirks.tellsCachedTokens,
    timing: () => {
      const nowUs = clock.nowUs();
      const firstTokenUs = firstUs() ?? nowUs;
      return {
        promptMs: (firstTokenUs - (truth.startedUs ?? firstTokenUs)) / 1000,
        predictedMs: (nowUs - firstTokenUs) / 1000,
      };
    },
  });

  if (fault?.kind === 'gzip') {
    const step = { number: 0, before: 0, tokens: output.tokens, last: true };
    const { lead, events: token } = events.token(step);
    const all = [...lead, ...token, ...events.closing(output.tokens)];
    const bytes = gzipSync(all.map((data) => frameEvent(wire, data)).join(''));
    if (!end('cut')) return;
    truth.status = 200;
    res.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
    res.end(bytes);
    return;
  }

  if (wire.body === 'close-delimited' && stream) {
    res.useChunkedEncodingByDefault = false;
    res.setHeader('connection', 'close');
  }
  writer = createSseWriter(wire, res, agenda, truth);
  const out = writer;
  const cut = cutOf(fault);
  const cutNow = (cause: CutFault): void => {
    job?.cancel();
    const act = (): void => {
      if (!end('cut')) return;
      // Node holds the writes of this tick back until its end; they must be out before the RST.
      if (cause.kind === 'reset') setImmediate(() => res.socket?.resetAndDestroy());
      else if (cause.kind === 'truncate' && cause.abrupt) res.socket?.destroySoon();
      else res.end();
    };
    if (!stream) {
      if (cause.kind === 'reset') res.socket?.resetAndDestroy();
      else if (cause.kind === 'truncate') res.socket?.destroy();
      else refuse(jsonReply(500, openAiError(500, cause.message)));
      end('cut');
      return;
    }
    if (cause.kind === 'error-event') {
      out.event(openAiError(500, cause.message));
      if (cause.done) out.event('[DONE]');
    }
    out.finish(act);
  };
  const finish = (): void => {
    if (stream) {
      for (const data of events.closing(output.tokens)) out.event(data);
      out.finish(() => {
        if (end('complete')) res.end();
      });
    } else if (end('complete')) {
      truth.status = 200;
      truth.outputTokens = output.tokens * choices;
      sendReply(res, jsonReply(200, events.whole(output.tokens)));
    }
  };

  const open = (): void => {
    if (!stream) return;
    out.open();
    for (const data of events.opening()) out.event(data);
  };
  truth.queuedUs = clock.nowUs();
  if (fault?.kind === 'hang-before-first-token') {
    open();
    return;
  }
  let number = 0;
  let before = 0;
  job = engine.submit(
    { promptTokens, cachedTokens: cached, outputTokens: output.tokens, ...stallOf(fault) },
    {
      onAccepted() {
        open();
        if (cut?.afterTokens === 0) cutNow(cut.fault);
      },
      onRejected() {
        const reply = jsonReply(
          spec.queueFullStatus,
          openAiError(spec.queueFullStatus, usualBusyMessage),
        );
        if (quirks.retryAfterS !== null) {
          reply.headers['retry-after'] = String(quirks.retryAfterS);
        }
        refuse(reply);
      },
      onStarted(atUs) {
        truth.startedUs = atUs;
      },
      onTokens(_atUs, tokens, last) {
        const isCut = cut !== null && (last || before + tokens >= cut.afterTokens);
        if (stream) {
          const step = { number, before, tokens, last: last && !isCut };
          const { lead, events: datas } = events.token(step);
          for (const data of lead) out.event(data);
          for (const data of datas) out.event(data, tokens);
        }
        number++;
        before += tokens;
        if (isCut) cutNow(cut.fault);
        else if (last) finish();
      },
    },
    truth.queuedUs,
  );
}

const rateLimitMessage = 'Rate limit reached for requests.';
const usualBusyMessage = 'The server is overloaded: its queue is full.';

function stallOf(fault: Fault | null): { stall?: { afterTokens: number; stallMs: number | null } } {
  if (fault?.kind !== 'stall') return {};
  return { stall: { afterTokens: fault.afterTokens, stallMs: fault.stallMs } };
}

/** The request's own maximum, under the names that servers know; null when it gives none. */
function outputTokensOf(body: JsonBody): number | null {
  for (const name of ['max_completion_tokens', 'max_tokens', 'n_predict']) {
    const value = body[name];
    if (typeof value === 'number' && value >= 1) return Math.floor(value);
  }
  return null;
}

/** The body without fields; `a.b` is the field b of the object a. */
function withoutFields(body: JsonBody, fields: readonly string[]): JsonBody {
  const kept = structuredClone(body);
  for (const field of fields) {
    const [name = '', inner] = field.split('.');
    const value = kept[name];
    if (inner === undefined) delete kept[name];
    else if (value !== null && typeof value === 'object') delete (value as JsonBody)[inner];
  }
  return kept;
}
