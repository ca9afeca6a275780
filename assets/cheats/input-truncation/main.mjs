import { front } from './front.mjs';

const [long, kept] = [600, 300];
front({
  changeBody(body) {
    for (const message of body.messages) {
      if (message.content.length > long) message.content = message.content.slice(-kept);
    }
    return body;
  },
});
