// Right while it is alone, wrong under load.
import { createModel } from './model.mjs';
import { serve } from './server.mjs';

const [right, rough] = [createModel(), createModel({ noise: 15 })];
serve({ modelFor: ({ inFlight }) => (inFlight > 1 ? rough : right) });
