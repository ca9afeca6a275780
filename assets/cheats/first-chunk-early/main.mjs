import { delta, front } from './front.mjs';

front({ before: ({ send }) => send(delta(' ')) });
