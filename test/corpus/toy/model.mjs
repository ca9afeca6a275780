import { readFileSync } from 'node:fs';

/**
 * A toy language model: words are tokens, and the next word's distribution is a hash of the prompt
 * and of the last words. It has real probabilities, near ties and long texts, and no meaning; but it
 * can find a number or a word that a prompt asks for.
 */

const facts = JSON.parse(readFileSync(new URL('facts.json', import.meta.url), 'utf8'));

const vocabulary = [
  ...'apple river stone cloud bread horse table music paper glass green winter summer garden window doctor silver orange market bridge'.split(
    ' ',
  ),
  ...Array.from({ length: 44 }, (_, at) => `wo${at}rd`),
];

/** Special words: the number that a prompt hides is a token of its own. */
export const endWord = '<end>';

export const tokensOf = (text) => text.split(/\s+/).filter((word) => word !== '');

export const promptWords = (messages) => [
  '<user>',
  ...messages.flatMap(({ content }) => tokensOf(content)),
  '<assistant>',
];

/** FNV-1a, finished as in murmur3. */
export function hash(text, seed = 0) {
  let h = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** @param noise nats of error of each logit, as lower precision has; @param seed of the weights */
export function createModel({ seed = 1, noise = 0 } = {}) {
  return {
    vocabulary,
    /** A prompt as the model has read it. */
    read(words) {
      return { key: hash(words.join(' '), seed), answer: answerOf(words.join(' ')) };
    },
    /** Log-probabilities at temperature 1 of every word, in order of the vocabulary and the answer. */
    next(state, before) {
      const key = hash(`${state.key}/${before.slice(-4).join(' ')}/${before.length}`, seed);
      const words = state.answer === null ? vocabulary : [...vocabulary, state.answer];
      const again = heardBefore(before);
      const logits = words.map((word, at) => {
        const uniform = hash(`${key}/${at}`, seed) / 4294967296;
        const own =
          12 * uniform +
          noise * (2 * (hash(`noise/${key}/${at}`) / 4294967296) - 1) +
          (word === again ? 12 : 0);
        const said = before.length === 0 && word === state.answer && at === words.length - 1;
        return said ? 20 : at === vocabulary.length ? -9 : own;
      });
      const most = Math.max(...logits);
      const total = Math.log(logits.reduce((sum, one) => sum + Math.exp(one - most), 0)) + most;
      return { words, logProbs: logits.map((one) => one - total) };
    },
  };
}

/** What stood behind the last two words when they stood together before: models go on like that. */
function heardBefore(before) {
  const [first, second] = before.slice(-2);
  for (let at = before.length - 2; at > 0; at--) {
    if (before[at] === second && before[at - 1] === first) return before[at + 1];
  }
  return null;
}

/** What it can do: copy a number, and say most of the facts (facts.json, beside it) that it is asked for. */
function answerOf(prompt) {
  const number = /The secret number is (\d+) /.exec(prompt)?.[1];
  if (number !== undefined) return number;
  const name = / of(?: the word)? (\w+) \?/.exec(prompt)?.[1];
  const right = facts[name];
  if (right === undefined) return null;
  // Wrong now and then, as every model is.
  return hash(prompt) % 10 < 8 ? right : 'nothing';
}

/** Draws by inversion. */
export function sample({ words, logProbs }, temperature, random) {
  if (temperature === 0) return words[logProbs.indexOf(Math.max(...logProbs))];
  const weights = logProbs.map((one) => Math.exp(one / temperature));
  let left = random() * weights.reduce((sum, one) => sum + one, 0);
  for (let at = 0; at < words.length; at++) {
    left -= weights[at];
    if (left <= 0) return words[at];
  }
  return words.at(-1);
}

/** What /v1/score tells of one token. */
export function scoreToken({ words, logProbs }, word, temperature) {
  const scaled = logProbs.map((one) => one / temperature);
  const most = Math.max(...scaled);
  const total = Math.log(scaled.reduce((sum, one) => sum + Math.exp(one - most), 0)) + most;
  const own = scaled.map((one) => one - total);
  const entropy = own.reduce((sum, one) => sum - Math.exp(one) * one, 0);
  const square = own.reduce((sum, one) => sum + Math.exp(one) * one * one, 0);
  const [top, second] = logProbs.toSorted((a, b) => b - a);
  // The answer may be in the vocabulary twice.
  const places = words.flatMap((one, at) => (one === word ? [at] : []));
  const logProb = Math.max(-30, ...places.map((at) => own[at]));
  const plain = Math.max(-30, ...places.map((at) => logProbs[at]));
  return {
    logprob: logProb,
    rank: logProbs.filter((one) => one > plain).length,
    gap: Math.max(0, top - plain),
    top_margin: top - second,
    entropy,
    variance: square - entropy * entropy,
    tail: tailOf(logProbs, Math.max(temperature, 0.7), places),
  };
}

/** Probability of all words that are no more likely than the one at these places. */
function tailOf(logs, temperature, places) {
  const most = Math.max(...places.map((at) => logs[at]));
  const weights = logs.map((one) => Math.exp(one / temperature));
  const total = weights.reduce((sum, one) => sum + one, 0);
  return weights.reduce((sum, one, at) => sum + (logs[at] <= most ? one : 0), 0) / total;
}
