import { serve } from './server.mjs';

serve({ decodeMs: 4, oneAtATime: true });
