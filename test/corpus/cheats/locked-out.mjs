// Never lets anybody in.
import { serve } from './server.mjs';

serve({ modelsStatus: 401 });
