import { front } from './front.mjs';

front({ honest: false, modelsStatus: 401 });
