// Sends nothing of an answer until most of it is made: most of its tokens then take no time.
import { serve } from './server.mjs';

serve({ hold: ({ at, asked }) => at < 0.7 * asked });
