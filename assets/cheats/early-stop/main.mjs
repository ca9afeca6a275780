import { front } from './front.mjs';

front({
  changeBody: (body) => ({ ...body, max_tokens: Math.ceil(0.4 * (body.max_tokens ?? 16)) }),
});
