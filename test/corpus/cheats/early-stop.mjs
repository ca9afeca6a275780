// Stops early, whatever length was asked for.
import { serve } from './server.mjs';

serve({ lengthFor: (asked) => Math.ceil(0.4 * asked) });
