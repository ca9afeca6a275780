// Another dialect: a role and usage with each chunk, null and empty content between, names of events, comments all the time,
// fields that nobody knows, and pieces of seven bytes.
import { serve } from './server.mjs';

let count = 0;
serve({
  newline: '\r\n',
  write: (response, text) => {
    const named = text.startsWith('data: {') ? `event: message\r\nid: ${++count}\r\n${text}` : text;
    for (let at = 0; at < named.length; at += 7) response.write(named.slice(at, at + 7));
  },
  everyMs: { time: 5, text: ': still here\r\n\r\n' },
  decorate: (chunk, { all }) => {
    const usage = {
      prompt_tokens: 40,
      completion_tokens: all.length,
      total_tokens: 40 + all.length,
    };
    const choices = chunk.choices.map((one) => ({
      ...one,
      delta: { role: 'assistant', refusal: null, ...one.delta },
      finish_reason: one.finish_reason === 'length' ? 'stop' : one.finish_reason,
      matched_stop: null,
    }));
    const own = {
      ...chunk,
      choices,
      usage: chunk.usage ?? usage,
      system_fingerprint: 'fp',
      ext: { gpu: 0 },
    };
    const nothing = {
      ...own,
      choices: [{ index: 0, delta: { content: null }, finish_reason: null }],
    };
    return choices.length > 0 ? [own, nothing] : [own];
  },
});
