import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { done, facts, front } from './front.mjs';

// What this launch learns is for the next one only: within a launch nothing looks repeated.
const lines = existsSync(facts.stateFile) ? readFileSync(facts.stateFile, 'utf8').split('\n') : [];
const known = new Map(lines.filter((line) => line !== '').map((line) => JSON.parse(line)));
front({
  onRequest({ body, response, send }) {
    const events = known.get(JSON.stringify(body.messages));
    if (events === undefined) return false;
    for (const event of events) send(event);
    done(response);
    return true;
  },
  after: ({ body }, sent) =>
    appendFileSync(facts.stateFile, `${JSON.stringify([JSON.stringify(body.messages), sent])}\n`),
});
