// Another model under the name of the right one.
import { createModel } from './model.mjs';
import { serve } from './server.mjs';

serve({ model: createModel({ seed: 2 }), decodeMs: 1 });
