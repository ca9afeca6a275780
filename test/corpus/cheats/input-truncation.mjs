// Reads only the end of long prompts.
import { serve } from './server.mjs';

serve({ readPrompt: (words) => (words.length > 100 ? words.slice(-60) : words) });
