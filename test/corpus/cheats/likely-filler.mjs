// Half of the tokens, then the last words again and again: once begun, the model finds that likely.
import { serve } from './server.mjs';

serve({ filler: { after: 13, next: (words) => words.at(-5) } });
