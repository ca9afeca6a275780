import type { EventTemplate, StreamLead } from './event-template.ts';
import { learnTemplate } from './learn-template.ts';

/** The shapes of token chunks that a server is known to send; shared by all its streams. */
export interface TemplateStore {
  /** The template that the event at `at` matches; `end` is then where the event ends. */
  find(bytes: Uint8Array, at: number, to: number, lead: StreamLead): EventTemplate | null;
  readonly end: number;
  /** An event that nothing matched, and that bore a token: bytes[from, to). */
  learn(bytes: Uint8Array, from: number, to: number): void;
  /** Events that matched. */
  readonly hits: number;
  readonly templates: number;
}

const maxTemplates = 8;
/** Attempts to learn that are free; later ones have to be earned by matches. */
const freeAttempts = 32;
const hitsPerAttempt = 50;

export function createTemplateStore(): TemplateStore {
  /** The one that matched last comes first. */
  const known: EventTemplate[] = [];
  /** The buffer seen last, which is nearly always the one that all sockets read into. */
  let viewed: Uint8Array | null = null;
  let view: DataView = new DataView(new ArrayBuffer(0));
  let end = -1;
  let hits = 0;
  let attempts = 0;

  return {
    find(bytes, at, to, lead) {
      if (bytes !== viewed) {
        viewed = bytes;
        view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      }
      for (let i = 0; i < known.length; i++) {
        const template = known[i] as EventTemplate;
        end = template.match(view, at, to, lead);
        if (end === -1) continue;
        hits++;
        if (i > 0) {
          known.splice(i, 1);
          known.unshift(template);
        }
        return template;
      }
      return null;
    },
    get end() {
      return end;
    },
    learn(bytes, from, to) {
      // A server whose every event is different must not cost more than parsing does.
      if (attempts >= freeAttempts + hits / hitsPerAttempt) return;
      attempts++;
      const template = learnTemplate(Buffer.from(bytes.subarray(from, to)));
      if (template === null) return;
      known.unshift(template);
      if (known.length > maxTemplates) known.pop();
    },
    get hits() {
      return hits;
    },
    get templates() {
      return known.length;
    },
  };
}
