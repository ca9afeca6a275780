import { front } from './front.mjs';

front();
