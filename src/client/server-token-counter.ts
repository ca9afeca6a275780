import { BenchError, type Clock } from '../core/index.ts';
import type { TokenCounter } from '../model/index.ts';
import { isJsonObject } from './chunk-fields.ts';
import { addressOf, type ClientTarget } from './client-target.ts';
import { createTargetProbe, type ProbeTarget, type TargetProbe } from './probe-target.ts';

/** Requests to /tokenize in flight at once. */
const parallel = 4;

interface TokenizeForm {
  path: string;
  body(text: string): Record<string, unknown>;
}

/**
 * Counts with the server's own `/tokenize`, which llama.cpp (`{content}`) and vLLM
 * (`{model, prompt}`) serve beside the base path, not under it. Null when it has none that works.
 * The counter asks over the network: not to be used while a measurement runs.
 */
export async function createServerTokenCounter(
  target: ProbeTarget & Pick<ClientTarget, 'model'>,
  deps: { clock: Clock },
): Promise<TokenCounter | null> {
  const probe = createTargetProbe(target, deps);
  for (const form of formsOf(target)) {
    const short = await countOnce(probe, form, 'hello world');
    // A form that the server ignores gives an empty list, whatever the text.
    if (typeof short !== 'number' || short < 1) continue;
    const longer = await countOnce(probe, form, 'hello world, hello world, hello world');
    if (typeof longer !== 'number' || longer <= short) continue;
    return { source: 'server /tokenize', count: (texts) => countAll(probe, form, texts) };
  }
  await probe.close();
  return null;
}

function formsOf(target: Pick<ClientTarget, 'url' | 'api' | 'model'>): TokenizeForm[] {
  const beside = addressOf(target).basePath.replace(/\/v1$/, '');
  return [...new Set([`${beside}/tokenize`, '/tokenize'])].flatMap((path) => [
    { path, body: (text) => ({ content: text, add_special: false, parse_special: false }) },
    {
      path,
      body: (text) => ({ model: target.model, prompt: text, add_special_tokens: false }),
    },
  ]);
}

async function countOnce(
  probe: TargetProbe,
  form: TokenizeForm,
  text: string,
): Promise<number | string> {
  const reply = await probe.postJson(form.path, form.body(text));
  if (reply.error !== null) return reply.error;
  if (!isJsonObject(reply.json)) return 'the reply is not an object';
  const { count, tokens } = reply.json;
  if (Array.isArray(tokens)) return tokens.length;
  return typeof count === 'number' ? count : 'the reply holds neither "tokens" nor "count"';
}

async function countAll(
  probe: TargetProbe,
  form: TokenizeForm,
  texts: readonly string[],
): Promise<number[]> {
  const counts = new Array<number>(texts.length).fill(0);
  let next = 0;
  const work = async () => {
    for (let i = next++; i < texts.length; i = next++) {
      const text = texts[i] ?? '';
      if (text === '') continue;
      const count = await countOnce(probe, form, text);
      if (typeof count === 'string') {
        throw new BenchError('TARGET_TOKENIZE', `The server's ${form.path} failed: ${count}`);
      }
      counts[i] = count;
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, texts.length) }, work));
  return counts;
}
