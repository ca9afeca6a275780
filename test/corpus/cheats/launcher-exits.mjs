// A launcher that ends while its server goes on.
import { serve } from './server.mjs';

serve();
