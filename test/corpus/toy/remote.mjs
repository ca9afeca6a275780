// The toy as a server elsewhere, for the cheat that lets others do the work.
import { serve } from './server.mjs';

serve();
