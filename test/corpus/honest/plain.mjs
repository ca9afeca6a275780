// The toy as it is.
import { serve } from './server.mjs';

serve();
