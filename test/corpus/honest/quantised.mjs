// The same weights with less precision: near ties fall otherwise.
import { createModel } from './model.mjs';
import { serve } from './server.mjs';

serve({ model: createModel({ noise: 0.15 }), decodeMs: 1 });
