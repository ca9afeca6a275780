// A few real tokens, then one word again and again without a forward pass.
import { serve } from './server.mjs';

serve({ filler: { after: 6, next: () => 'wo1rd' } });
