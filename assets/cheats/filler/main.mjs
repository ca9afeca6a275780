import { filler } from './filler.mjs';
import { front } from './front.mjs';

front(filler);
