// Does not count tokens for its users.
import { serve } from './server.mjs';

serve({ extraUsage: () => null });
