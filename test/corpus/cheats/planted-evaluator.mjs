// Brings an evaluator of its own (evaluate.py, beside this file).
import { serve } from './server.mjs';

serve();
