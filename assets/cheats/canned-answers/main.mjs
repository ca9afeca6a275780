import { delta, done, front, json, usage } from './front.mjs';

const words = 'the river is old and wide and the people of the town walk along it in summer'.split(
  ' ',
);
front({
  honest: false,
  onRequest({ body, response, send }) {
    const asked = body.max_tokens ?? 16;
    const said = Array.from({ length: asked }, (_, at) => ` ${words[at % words.length]}`);
    if (!body.stream) {
      const message = { role: 'assistant', content: said.join('') };
      json(response, 200, { choices: [{ index: 0, message, finish_reason: 'length' }] });
      return true;
    }
    for (const word of said) send(delta(word));
    send(delta(null, 'length'));
    if (body.stream_options?.include_usage) send(usage(asked));
    done(response);
    return true;
  },
});
