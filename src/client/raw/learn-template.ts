import { isJsonObject, isTextField, readChoice } from '../chunk-fields.ts';
import { parseJson } from '../server-message.ts';
import { runningCount, timingCounts, usageCounts } from '../usage-reader.ts';
import { createEventTemplate, type EventTemplate, Hole } from './event-template.ts';
import { findJsonScalars, type JsonScalar } from './json-scalars.ts';

/** Top-level fields that decide what a chunk is; every other one tells nothing of tokens. */
const meaningful = new Set(['object', 'error', 'detail', 'choices', 'usage', 'timings']);

/** Numbers that are read; every other one inside of these objects tells nothing of tokens. */
const usualCached = 'usage/prompt_tokens_details/cached_tokens';
/** Read where the usual one says nothing. */
const otherCached = 'usage/prompt_cache_hit_tokens';
const countHoles: Readonly<Record<string, Hole>> = {
  'usage/prompt_tokens': Hole.input,
  'usage/completion_tokens': Hole.output,
  [usualCached]: Hole.cached,
  [otherCached]: Hole.cached,
  'timings/predicted_n': Hole.predicted,
  'timings/prompt_n': Hole.fresh,
  'timings/cache_n': Hole.reused,
};
const countObjects = new Set(['usage', 'timings']);

/**
 * Makes a template of one whole event (`data: {...}` and a blank line) if it holds one piece of
 * plain text of one choice and nothing else that could mean something. Events that match the
 * template then differ from this one only in holes: the text, the numbers of `usage` and `timings`,
 * and whatever stands in top-level fields that nobody reads (id, created, model, ...).
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
  const usual = scalars.find(({ path }) => path === usualCached) ?? null;
  const holes = scalars.flatMap((scalar) => {
    const hole = scalar === texts[0] ? Hole.text : holeOf(scalar, json, usual);
    return hole === null ? [] : [{ hole, from: start + scalar.from, to: start + scalar.to }];
  });
  const { choice, kind, usage, timings } = read;
  return createEventTemplate(event, holes, { choice, kind, usage, timings });
}

/** The chunk's one text and what else counts; null when there is anything out of the ordinary. */
function readPlainChunk(chunk: Record<string, unknown>) {
  const { choices, usage } = chunk;
  if (chunk['error'] || chunk['object'] === 'error') return null;
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
  const timings = timingCounts(chunk['timings']);
  // Counts that do not count what has come so far: seldom, and better parsed.
  if (counts !== null && counts.output === null) return null;
  if (isJsonObject(chunk['timings']) && timings === null) return null;
  if ((counts?.output ?? timings?.output ?? null) !== runningCount(chunk)) return null;
  const { text, kind } = piece;
  return { text, kind, choice: Number(index ?? 0), usage: counts, timings };
}

function isTextOf(scalar: JsonScalar, json: Buffer, text: string): boolean {
  const field = /^choices\/0\/(?:delta\/([^/]+)|text)$/.exec(scalar.path);
  if (field === null || scalar.kind !== 'string' || !isTextField(field[1] ?? 'text')) return false;
  return parseJson(`"${json.toString('utf8', scalar.from, scalar.to)}"`) === text;
}

/** @param usual where the usual count of cached tokens stands; null where there is none */
function holeOf(scalar: JsonScalar, json: Buffer, usual: JsonScalar | null): Hole | null {
  const { path, kind } = scalar;
  const top = path.split('/', 1)[0] ?? '';
  const isInside = countObjects.has(top) && path !== top;
  // Elsewhere a field that means something is what it is.
  if (meaningful.has(top) && !isInside) return null;
  if (isInside && Object.hasOwn(countHoles, path)) {
    if (path === otherCached && usual !== null) return isCount(usual, json) ? Hole.number : null;
    return isCount(scalar, json) ? (countHoles[path] ?? null) : null;
  }
  if (kind === 'string') return Hole.string;
  return kind === 'number' ? Hole.number : null;
}

function isCount({ kind, from, to }: JsonScalar, json: Buffer): boolean {
  return kind === 'number' && /^\d{1,15}$/.test(json.toString('latin1', from, to));
}

function ascii(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
