// Eight tokens a chunk.
import { serve } from './server.mjs';

serve({ chunkWords: () => 8 });
