import { isJsonObject, isTextField, readChoice } from '../chunk-fields.ts';
import { parseJson } from '../server-message.ts';
import { runningCount, usageCounts } from '../usage-reader.ts';
import { createEventTemplate, type EventTemplate, Hole } from './event-template.ts';
import { findJsonScalars, type JsonScalar } from './json-scalars.ts';

/** Top-level fields that decide what a chunk is; every other one tells nothing of tokens. */
const meaningful = new Set(['object', 'error', 'detail', 'choices', 'usage', 'timings']);

const usageHoles: Readonly<Record<string, Hole>> = {
  'usage/prompt_tokens': Hole.input,
  'usage/completion_tokens': Hole.output,
  'usage/total_tokens': Hole.number,
};

/**
 * Makes a template of one whole event (`data: {...}` and a blank line) if it holds one piece of
 * plain text of one choice and nothing else that could mean something. Events that match the
 * template then differ from this one only in holes: the text, the numbers of the usage, and
 * top-level fields that nobody reads (id, created, model, ...).
 * @returns null for every other event.
 */
export function learnTemplate(event: Buffer): EventTemplate | null {
  const ending = ['\r\n\r\n', '\n\n'].find((end) => event.subarray(-end.length).equals(ascii(end)));
  const start = event.indexOf('{');
  if (ending === undefined || !/^data: ?$/.test(event.toString('latin1', 0, start))) return null;
  const json = event.subarray(start, event.length - ending.length);
  if (json.includes(0x0a) || json.includes(0x0d)) return null;
  const chunk = parseJson(json.toString('utf8'));
  if (!isJsonObject(chunk)) return null;
  const read = readPlainChunk(chunk);
  const scalars = findJsonScalars(json);
  if (read === null || scalars === null) return null;
  const texts = scalars.filter((scalar) => isTextOf(scalar, json, read.text));
  if (texts.length !== 1) return null;
  const holes = scalars.flatMap((scalar) => {
    const hole = scalar === texts[0] ? Hole.text : holeOf(scalar, json);
    return hole === null ? [] : [{ hole, from: start + scalar.from, to: start + scalar.to }];
  });
  const { choice, kind, usage } = read;
  return createEventTemplate(event, holes, { choice, kind, usage });
}

/** The chunk's one text and what else counts; null when there is anything out of the ordinary. */
function readPlainChunk(chunk: Record<string, unknown>) {
  const { choices, usage } = chunk;
  if (chunk['error'] || chunk['object'] === 'error' || isJsonObject(chunk['timings'])) return null;
  if (!Array.isArray(choices) || choices.length !== 1 || !isJsonObject(choices[0])) return null;
  const choice = choices[0];
  if (typeof choice['finish_reason'] === 'string' || isJsonObject(choice['error'])) return null;
  if (choice['logprobs'] !== null && choice['logprobs'] !== undefined) return null;
  const index = choice['index'];
  if (index !== undefined && !(Number.isInteger(index) && Number(index) >= 0)) return null;
  const unknown = new Set<string>();
  const { pieces, tokenIds } = readChoice(choice, unknown);
  const piece = pieces[0];
  if (piece === undefined || pieces.length !== 1 || unknown.size > 0 || tokenIds !== null) {
    return null;
  }
  const counts = isJsonObject(usage) ? usageCounts(usage) : null;
  // A running count that is not in the usage, or a usage without one: seldom, and better parsed.
  if ((counts?.output ?? null) !== runningCount(chunk)) return null;
  if (counts !== null && counts.output === null) return null;
  return { text: piece.text, kind: piece.kind, choice: Number(index ?? 0), usage: counts };
}

function isTextOf(scalar: JsonScalar, json: Buffer, text: string): boolean {
  const field = /^choices\/0\/(?:delta\/([^/]+)|text)$/.exec(scalar.path);
  if (field === null || scalar.kind !== 'string' || !isTextField(field[1] ?? 'text')) return false;
  return parseJson(`"${json.toString('utf8', scalar.from, scalar.to)}"`) === text;
}

function holeOf(scalar: JsonScalar, json: Buffer): Hole | null {
  const { path, kind, from, to } = scalar;
  const isCount = kind === 'number' && /^\d{1,15}$/.test(json.toString('latin1', from, to));
  if (path in usageHoles) return isCount ? (usageHoles[path] ?? null) : null;
  if (path.includes('/') || meaningful.has(path)) return null;
  if (kind === 'string') return Hole.string;
  return isCount ? Hole.number : null;
}

function ascii(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
