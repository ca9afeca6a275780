import type { OutputPlan } from './output-plan.ts';
import type { SimSpec } from './sim-spec.ts';
import { outputTokenText, sampledTokenText } from './sim-tokenizer.ts';

/** The words of one reply. */
export interface ReplyText {
  at(index: number): string;
  /** Decides where the text ends, too; null = its request's number does. */
  draw: string | null;
}

/** Same prompt, same greedy text; with a temperature the seed decides, without one the request. */
export function createReplyText(
  { text, wire, quirks }: SimSpec,
  body: Readonly<Record<string, unknown>>,
  words: readonly string[],
  request: { number: number; isLoaded(): boolean },
): ReplyText {
  const tag = (word: string, index: number) =>
    quirks.thinkTag && index === 0 ? `<think> ${word}` : word;
  if (text === 'counted') {
    return { at: (i) => tag(outputTokenText(i, wire.multiByteText), i), draw: null };
  }
  const isSampled = Number(body['temperature'] ?? 1) > 0;
  const draw = `${words.join(' ')}/${isSampled ? JSON.stringify(body['seed'] ?? request.number) : 'greedy'}`;
  const noisy = `${draw}/${request.number}`;
  const isNoisy = () =>
    quirks.greedyNoise === 'always' || (quirks.greedyNoise === 'under-load' && request.isLoaded());
  return { at: (i) => tag(sampledTokenText(isNoisy() ? noisy : draw, i), i), draw };
}

/** Ends the output in front of the word that completes a stop string. */
export function cutAtStop(output: OutputPlan, text: ReplyText, stop: unknown): OutputPlan {
  const stops = (Array.isArray(stop) ? stop : [stop]).filter((one) => typeof one === 'string');
  if (stops.length === 0) return output;
  let written = '';
  for (let i = 0; i < output.tokens; i++) {
    written += text.at(i);
    const isStopped = stops.some((one) => one !== '' && written.includes(one));
    if (isStopped) return { tokens: Math.max(1, i), finishReason: 'stop' };
  }
  return output;
}
