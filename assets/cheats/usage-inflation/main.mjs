import { front } from './front.mjs';

front({
  changeEvent(event) {
    if (event.usage?.completion_tokens) event.usage.completion_tokens *= 3;
    return [event];
  },
});
