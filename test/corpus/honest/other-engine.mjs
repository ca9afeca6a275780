// Another dialect: no role chunk, comments, CRLF, one request at a time.
import { serve } from './server.mjs';

serve({ roleChunk: false, comments: true, newline: '\r\n', oneAtATime: true, decodeMs: 1 });
