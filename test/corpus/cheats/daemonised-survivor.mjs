// Leaves the launcher's session, to outlive it. launcher: (setsid node main.mjs &); sleep
import { serve } from './server.mjs';

serve();
