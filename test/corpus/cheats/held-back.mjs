// Sends nothing until the answer is whole: no time per output token is left.
import { serve } from './server.mjs';

serve({ hold: true });
