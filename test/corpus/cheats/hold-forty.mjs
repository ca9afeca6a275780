// Sends nothing until 40 % of an answer is made.
import { serve } from './server.mjs';

serve({ hold: ({ at, asked }) => at < 0.4 * asked });
