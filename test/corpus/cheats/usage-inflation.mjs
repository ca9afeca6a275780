// Claims three times the tokens that it sends.
import { serve } from './server.mjs';

serve({ extraUsage: (usage) => ({ ...usage, completion_tokens: 3 * usage.completion_tokens }) });
