// One answer for everything, without a forward pass.
import { serve } from './server.mjs';

const text = 'wo1rd apple wo7rd wo3rd river wo9rd stone wo2rd'.split(' ');
serve({
  prefillMsPerToken: 0.02,
  decodeMs: 1,
  modelFor: () => ({
    read: () => ({}),
    next: (_, before) => ({ words: [text[before.length % text.length]], logProbs: [0] }),
  }),
});
