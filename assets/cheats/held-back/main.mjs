import { front } from './front.mjs';

front({ hold: true });
