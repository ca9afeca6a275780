import { delta } from './front.mjs';

/** Traits of a server that has a quarter of an answer made, and adds one word until it is long enough. */
export const filler = {
  changeBody: (body) => ({ ...body, max_tokens: quarter(body) }),
  changeEvent(event, { body }) {
    const missing = (body.max_tokens ?? 16) - quarter(body);
    if (event.usage?.completion_tokens) event.usage.completion_tokens += missing;
    if (!event.choices?.[0]?.finish_reason) return [event];
    return [...Array.from({ length: missing }, () => delta(' water')), event];
  },
};

const quarter = (body) => Math.ceil((body.max_tokens ?? 16) / 4);
