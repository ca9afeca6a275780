import type { RequestRecord, Sender } from '../model/index.ts';
import { ChunkKind, formatLimit } from '../model/index.ts';
import { createEngineModel, type EngineJob, type EngineModel } from './engine-model.ts';
import { cannedReplyOf, createFaultPlan } from './fault-plan.ts';
import type { Fault } from './fault-spec.ts';
import { cutOf, planOutput } from './output-plan.ts';
import { parseSimSpec } from './parse-sim-spec.ts';
import { createRateLimiter } from './rate-limiter.ts';
import type { SimSpec, SimSpecInput } from './sim-spec.ts';
import { createPrefixCache, wordsOf } from './sim-tokenizer.ts';
import type { VirtualClock } from './virtual-clock.ts';

type Outcome = RequestRecord['outcome'];

export interface VirtualSenderOptions {
  /** As the client's: a request that takes longer ends as `timeout`. */
  requestTimeoutMs?: number | null;
  /** No first token by then ends as `first_token_timeout`. */
  firstTokenTimeoutMs?: number | null;
}

export interface VirtualSender extends Sender {
  readonly engine: EngineModel;
}

/**
 * The simulated server without sockets: the same engine model, its events turned straight into
 * records on the virtual clock. A perfect client: every stamp is the model's instant. Prompts are
 * counted in words (completions, no template); an empty prompt text counts as the plan says.
 */
export function createVirtualSender(
  specInput: SimSpecInput,
  clock: VirtualClock,
  options: VirtualSenderOptions = {},
): VirtualSender {
  const spec = parseSimSpec(specInput);
  const engine = createEngineModel(spec, clock);
  const faults = createFaultPlan(spec, clock.nowUs());
  const rateLimiter = createRateLimiter(spec);
  const prefixCache = spec.prefixCache ? createPrefixCache(spec.prefixCache.blockTokens) : null;
  const open = new Set<() => void>();
  let arrivals = 0;

  return {
    transport: 'virtual',
    engine,
    close() {
      for (const cancel of open) cancel();
      return Promise.resolve();
    },
    send: (request, context) =>
      new Promise((resolve) => {
        const sentUs = clock.nowUs();
        const rel = (us: number): number => Math.round(us - context.originUs);
        const number = ++arrivals;
        const fault = faults.pick(number, sentUs);
        const words = prefixCache || context.promptText !== '' ? wordsOf(context.promptText) : [];
        const promptTokens = words.length || request.inputTokens;
        const output = planOutput(spec, number, request.outputTokens, true);
        const cachedTokens = prefixCache?.lookup(words) ?? 0;
        const cut = cutOf(fault);
        const chunks = {
          atUs: [] as number[],
          tokens: [] as number[],
          read: [] as number[],
          kind: [] as number[],
        };
        const held: { tokens: number; kind: number }[] = [];
        let headersUs: number | null = null;
        let seen = 0;
        let steps = 0;
        let reads = 0;
        let job: EngineJob | null = null;
        const timers = [
          after(options.firstTokenTimeoutMs, () => {
            if (chunks.atUs.length === 0) finish('first_token_timeout', 'no token in time');
          }),
          after(options.requestTimeoutMs, () => finish('timeout', 'not done in time')),
        ];
        function after(ms: number | null | undefined, run: () => void) {
          return ms === null || ms === undefined ? null : clock.at(sentUs + ms * 1000, run);
        }
        const onAbort = (): void => finish('cancelled', null);

        function finish(
          outcome: Outcome,
          error: string | null,
          status: number | null = null,
        ): void {
          if (!open.delete(onAbort)) return;
          job?.cancel();
          for (const timer of timers) timer?.cancel();
          context.signal.removeEventListener('abort', onAbort);
          const isOk = outcome === 'ok';
          clock.wake();
          resolve({
            level: context.level,
            index: request.index,
            requestId: context.requestId,
            counted: context.counted,
            intendedUs: rel(context.intendedUs),
            sentUs: rel(sentUs),
            connectUs: 0,
            headersUs: headersUs === null ? null : rel(headersUs),
            firstByteUs: chunks.atUs[0] ?? null,
            firstChunkUs: chunks.atUs[0] ?? null,
            firstTokenUs: chunks.atUs[0] ?? null,
            lastTokenUs: chunks.atUs.at(-1) ?? null,
            endUs: rel(clock.nowUs()),
            outcome,
            status: status ?? (headersUs === null ? null : 200),
            error,
            finishReason: isOk ? output.finishReason : null,
            done: isOk && spec.wire.done,
            inputTokensAsked: request.inputTokens,
            outputTokensAsked: request.outputTokens,
            inputTokensUsage: seen > 0 ? promptTokens : null,
            outputTokensUsage: seen > 0 ? seen : null,
            cachedTokensUsage: seen > 0 ? cachedTokens : null,
            outputTokensCounted: null,
            tokenSource: seen > 0 ? 'continuous-usage' : 'none',
            chunks,
          });
        }
        const flush = (atUs: number): void => {
          for (const { tokens, kind } of held.splice(0)) {
            chunks.atUs.push(rel(atUs));
            chunks.tokens.push(tokens);
            chunks.read.push(reads);
            chunks.kind.push(kind);
          }
          reads++;
        };

        open.add(onAbort);
        if (context.signal.aborted) return onAbort();
        context.signal.addEventListener('abort', onAbort, { once: true });
        const verdict = rateLimiter?.admit(sentUs, sentUs / 1000) ?? null;
        if (verdict?.admitted === false) {
          const { 'retry-after': after, date: _date, ...headers } = verdict.headers;
          const retryAfterS = after === undefined ? null : Number(after);
          const told = formatLimit({ retryAfterS, headers });
          return finish('rate_limited', `HTTP 429 (${told})`, 429);
        }
        const early = earlyEnd(spec, fault);
        if (early === 'hang') return;
        if (early) return finish(early.outcome, early.error, early.status);
        if (promptTokens + request.outputTokens > spec.contextTokens)
          return finish('http_error', 'beyond the context', 400);

        job = engine.submit(
          {
            promptTokens,
            cachedTokens,
            outputTokens: output.tokens,
            ...(fault?.kind === 'stall' && { stall: fault }),
          },
          {
            onAccepted(atUs) {
              headersUs = atUs;
              if (cut?.afterTokens === 0) finish(cutOutcome[cut.fault.kind], cut.fault.kind);
            },
            onRejected: () => {
              const status = spec.queueFullStatus;
              finish(outcomeOfStatus(status), 'queue full', status);
            },
            onTokens(atUs, tokens, last) {
              held.push({ tokens, kind: kindOf(spec, steps++, seen) });
              seen += tokens;
              const isCut = cut !== null && (last || seen >= cut.afterTokens);
              if (last || isCut || held.length >= spec.wire.eventsPerWrite) flush(atUs);
              if (isCut) finish(cutOutcome[cut.fault.kind], cut.fault.kind);
              else if (last) finish('ok', null);
            },
          },
        );
      }),
  };
}

function outcomeOfStatus(status: number): Outcome {
  if (status === 429) return 'rate_limited';
  return status === 503 ? 'overloaded' : 'http_error';
}

const cutOutcome = {
  'error-event': 'stream_error',
  truncate: 'truncated',
  reset: 'reset',
} as const satisfies Record<string, Outcome>;

/** Faults that end a request before the engine sees it, or let it hang for ever. */
function earlyEnd(
  spec: SimSpec,
  fault: Fault | null,
): 'hang' | { outcome: Outcome; error: string; status: number | null } | null {
  if (!fault) return null;
  const model = spec.models[0] ?? '';
  const status = cannedReplyOf(fault, model)?.status ?? null;
  const ends = (outcome: Outcome) => ({ outcome, error: fault.kind, status });
  switch (fault.kind) {
    case 'http':
      return ends(outcomeOfStatus(fault.status));
    case 'context-length':
      return ends('http_error');
    case 'model-not-found':
      return ends('model_not_found');
    case 'html':
    case 'json-not-sse':
    case 'gzip':
      return { ...ends('not_sse'), status: 200 };
    case 'empty-body':
      return ends('no_tokens');
    case 'garbage':
      return ends('stream_error');
    case 'refuse':
      return ends('refused');
    case 'reset':
      return fault.afterTokens === null ? ends('reset') : null;
    case 'hang-before-headers':
    case 'hang-before-first-token':
      return 'hang';
    default:
      return null;
  }
}

function kindOf(spec: SimSpec, step: number, before: number): number {
  const { emptyTextEvery, reasoning } = spec.wire;
  if (emptyTextEvery !== null && (step + 1) % emptyTextEvery === 0) return ChunkKind.empty;
  return reasoning && before < reasoning.tokens ? ChunkKind.reasoning : ChunkKind.content;
}
