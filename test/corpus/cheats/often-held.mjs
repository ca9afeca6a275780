// Holds three of five answers back whole, the others not at all: more than half decide a median.
import { serve } from './server.mjs';

serve({ hold: ({ body }) => draw(body) < 0.6 });

/** From 0 to 1, the same for the same prompt. */
function draw({ messages }) {
  let hash = 7;
  for (const letter of JSON.stringify(messages)) hash = (hash * 31 + letter.charCodeAt(0)) >>> 0;
  return (hash % 1000) / 1000;
}
