import { delta, front } from './front.mjs';

/** Text of answers under way, by the request. */
const said = new WeakMap();
const half = (body) => Math.ceil((body.max_tokens ?? 16) / 2);

front({
  changeBody: (body) => ({ ...body, max_tokens: half(body) }),
  changeEvent(event, { body }) {
    const missing = (body.max_tokens ?? 16) - half(body);
    if (event.usage?.completion_tokens) event.usage.completion_tokens += missing;
    const [choice] = event.choices ?? [];
    said.set(body, (said.get(body) ?? '') + (choice?.delta?.content ?? ''));
    if (!choice?.finish_reason) return [event];
    const last = said.get(body).trim().split(/\s+/).slice(-5);
    const words = Array.from({ length: missing }, (_, at) => last[at % last.length]);
    return [...words.map((word) => delta(` ${word}`)), event];
  },
});
