import {
  addressOf,
  buildBody,
  type ClientTarget,
  createExchanger,
  createPromptCounter,
  createServerTokenCounter,
  type Exchanger,
  type PromptCounter,
} from '../client/index.ts';
import { type Clock, createRng } from '../core/index.ts';
import type { TokenCounter } from '../model/index.ts';
import { type Generation, readGeneration } from './generation.ts';
import { findLengthFacts } from './length-facts.ts';
import type { Api, GenerateAsk, LengthFacts, ProbeContext, ProbeSizes } from './probe.ts';

/** What asks for a long text, whatever the model. */
export const longTextPrompt =
  'Write a long story about a river, the people who live on it and the boats that they build.';

/** A server as it is to be asked, and what the caller knows of it. */
export interface ProbedServer {
  /** As preflight has settled it. */
  target: ClientTarget;
  slots: number | null;
  contextTokens: number | null;
  /** A tokenizer of the served model; null = none is at hand. */
  tokenizer: TokenCounter | null;
  readEngine: ProbeContext['readEngine'];
  closesConnections: ProbeContext['closesConnections'];
}

export interface ContextDeps {
  clock: Clock;
  sizes: ProbeSizes;
  /** Longest time of one request, milliseconds. */
  requestTimeoutMs: number;
  /** Makes prompts that no earlier table of the same server began with. */
  salt: number;
}

/** Contexts of one server, which share what is asked once. */
export interface ProbeContexts {
  /** Finds out which APIs exist; to be called first. */
  open(signal: AbortSignal): Promise<void>;
  of(signal: AbortSignal): ProbeContext;
  /** Requests so far. */
  readonly requests: number;
  /** Streamed generations that came to their end. */
  readonly generated: number;
  close(): Promise<void>;
}

export function createProbeContexts(server: ProbedServer, deps: ContextDeps): ProbeContexts {
  const { target } = server;
  const { clock, sizes } = deps;
  const exchanger: Exchanger = createExchanger(target, { clock });
  const { basePath } = addressOf(target);
  const rng = createRng(deps.salt, 'conform/words');
  const ordinary = new Map<Api, Generation>();
  const counters = new Map<Api, Promise<PromptCounter | null>>();
  let textCounter: Promise<TokenCounter | null> | null = null;
  let lengths: LengthFacts | null = null;
  let apis: Api[] = [target.api];
  let requests = 0;
  let generated = 0;

  const pathOf = (api: Api) => addressOf({ url: target.url, api }).generatePath;

  function bodyOf({ api = target.api, prompt = longTextPrompt, maxTokens, fields }: GenerateAsk) {
    const body = buildBody(
      {
        ...target,
        ...{ api, ignoreEos: false, continuousUsage: false, includeUsage: true },
        temperature: 0,
        extraBody: { ...target.extraBody, ...fields },
      },
      { outputTokens: maxTokens ?? sizes.tokens },
      prompt,
    );
    // JSON.stringify leaves out what is undefined.
    return JSON.stringify(body);
  }

  function of(signal: AbortSignal): ProbeContext {
    const exchange: ProbeContext['exchange'] = (ask) => {
      requests++;
      return exchanger.exchange({
        timeoutMs: deps.requestTimeoutMs,
        ...ask,
        signal: ask.signal === undefined ? signal : AbortSignal.any([signal, ask.signal]),
      });
    };
    const generate: ProbeContext['generate'] = async (ask = {}) => {
      const { stopWhen, timeoutMs } = ask;
      const read = await exchange({
        path: pathOf(ask.api ?? target.api),
        body: bodyOf(ask),
        ...(ask.signal && { signal: ask.signal }),
        ...(stopWhen && { stopWhen }),
        ...(timeoutMs !== undefined && { timeoutMs }),
      });
      const generation = readGeneration(read);
      if (generation.failed === null) generated++;
      return generation;
    };
    const context: ProbeContext = {
      ...{ clock, signal, sizes, basePath, pathOf, bodyOf, exchange, generate },
      ...{ model: target.model, api: target.api, droppedFields: target.droppedFields },
      get apis() {
        return apis;
      },
      ...{ slots: server.slots, contextTokens: server.contextTokens },
      readEngine: server.readEngine,
      closesConnections: server.closesConnections,
      async ordinary(api) {
        const known = ordinary.get(api);
        if (known !== undefined) return known;
        const found = await generate({ api });
        if (!signal.aborted) ordinary.set(api, found);
        return found;
      },
      async lengths() {
        if (lengths !== null) return lengths;
        const found = await findLengthFacts(context);
        if (!signal.aborted) lengths = found;
        return found;
      },
      async countPrompt(api, prompt) {
        const opened =
          counters.get(api) ?? createPromptCounter({ ...target, api }, { clock }).catch(() => null);
        counters.set(api, opened);
        const counter = await opened;
        const tokens = (await counter?.count(prompt)) ?? null;
        if (counter !== null && tokens !== null) return { tokens, source: counter.source };
        // A chat template is not in a tokenizer's file.
        if (server.tokenizer === null || api === 'chat') return null;
        return countBy(server.tokenizer, prompt);
      },
      async countText(text) {
        textCounter ??= createServerTokenCounter(target, { clock }).catch(() => null);
        const counter = (await textCounter) ?? server.tokenizer;
        return counter === null ? null : countBy(counter, text);
      },
      freshWords: (count) =>
        Array.from({ length: count }, () => words[rng.int(words.length)]).join(' '),
    };
    return context;
  }

  return {
    of,
    get requests() {
      return requests;
    },
    get generated() {
      return generated;
    },
    async open(signal) {
      const others: Api[] = (['chat', 'completions'] as const).filter((api) => api !== target.api);
      for (const api of others) {
        const { exchange } = await of(signal).ordinary(api);
        const { status } = exchange;
        if (status !== null && status !== 404 && status !== 405 && status !== 501) apis.push(api);
      }
      apis = (['chat', 'completions'] as const).filter((api) => apis.includes(api));
    },
    async close() {
      await exchanger.close();
      // One that still waits for an answer is not waited for.
      for (const counter of counters.values()) void counter.then((opened) => opened?.close());
    },
  };
}

async function countBy(counter: TokenCounter, text: string) {
  try {
    const [tokens] = await counter.count([text]);
    return tokens === undefined ? null : { tokens, source: counter.source };
  } catch {
    return null;
  }
}

/** Plain words of one token or little more in most vocabularies. */
const words = (
  'river stone cloud lamp seven garden paper window bridge winter letter market silver forest ' +
  'summer table music engine planet copper island mirror pocket ladder valley butter candle ' +
  'feather hammer tunnel meadow basket harbor orange thunder pencil violin walnut'
).split(' ');
