import { front, json } from './front.mjs';

let asked = 0;
front({
  onRequest({ response }) {
    asked += 1;
    if (asked % 3 !== 0) return false;
    json(response, 500, { error: { message: 'busy' } });
    return true;
  },
});
