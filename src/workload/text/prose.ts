import { createHash } from 'node:crypto';
import { createRng, type Rng } from '../../core/index.ts';
import type { TokenCounter } from '../../model/index.ts';
import { fixedSentence, type Slot, sentencesOf, sentenceWords, wordsIn } from './sentences.ts';
import { describeExactness, type TextMaker, type TextMakerOptions } from './text-maker.ts';
import { createVocabulary, type Vocabulary } from './vocabulary.ts';
import { commonWords } from './words.ts';

/** What words and marks cost; exact where the tokenizer agreed on every sample. */
interface Costs {
  word: number;
  mark: number;
  exact: boolean;
}

interface Unit {
  text: string;
  /** A mark belongs to the word before it: no space between. */
  isMark: boolean;
}

interface Material {
  firstWords: readonly string[];
  sentences: readonly (readonly Slot[])[];
  closing: readonly Unit[];
}

/** Texts shorter than so many times the closing sentence do without it. */
const shortestWithClosing = 4;
/** Stands in for a comma or a full stop at which a text is cut off. */
const lastWord = 'today';

/**
 * English sentences, grammatical and without much sense, and a closing request. Where every word
 * and every mark is one token in running text (the tokenizer is asked), lengths are exact.
 *
 * @param closing the last sentence, words and marks apart: `What should I do next ?`
 */
export async function createProse(options: TextMakerOptions, closing = ''): Promise<TextMaker> {
  const { counter, overheadTokens } = options;
  const candidates = [...new Set([...commonWords, ...sentenceWords, ...wordsIn(closing)])];
  const vocabulary = await createVocabulary(candidates, counter);
  const allowed = new Set(vocabulary.words);
  const usable = sentencesOf(allowed);
  const all = new Set(candidates);
  const material: Material = {
    firstWords: vocabulary.firstWords,
    sentences: usable.length > 0 ? usable : sentencesOf(all),
    closing: fixedSentence(closing, usable.length > 0 ? allowed : all)?.map(toUnit) ?? [],
  };
  const costs = await findCosts(material, vocabulary, usable.length > 0, counter);
  const offset = costs.exact ? vocabulary.offset : 0;
  const make = (seed: number, tokens: number) =>
    joinUnits(makeUnits(material, costs, seed, Math.max(1, tokens)));
  const rule = { vocabulary: vocabulary.hash, costs, overheadTokens, closing, version: 1 };
  return {
    prompt: (seed, tokens) => make(seed, tokens - offset - overheadTokens),
    piece: make,
    overheadTokens,
    exact: costs.exact,
    describe: `made-up English sentences (${vocabulary.words.length} words), ${describeExactness({
      exact: costs.exact,
      source: vocabulary.source,
      tokensPerWord: costs.word,
    })}`,
    hash: createHash('sha256').update(JSON.stringify(rule)).digest('hex'),
  };
}

/** A mark is one token of its own nearly everywhere, and none where only spaces divide tokens. */
async function findCosts(
  material: Material,
  vocabulary: Vocabulary,
  canBeExact: boolean,
  counter: TokenCounter | null,
): Promise<Costs> {
  const plain: Costs = { word: 1, mark: 1, exact: false };
  if (counter === null) return plain;
  const samples = [3, 9, 33, 150, 151, 152, 600, 601].map((tokens, seed) =>
    makeUnits(material, plain, 7 * seed, tokens),
  );
  const counts = await counter.count(samples.map(joinUnits));
  const words = samples.map((units) => units.filter(({ isMark }) => !isMark).length);
  for (const mark of [1, 0]) {
    const addsUp = samples.every(
      (units, i) =>
        counts[i] === (words[i] ?? 0) + mark * (units.length - (words[i] ?? 0)) + vocabulary.offset,
    );
    if (canBeExact && vocabulary.exact && addsUp) return { word: 1, mark, exact: true };
  }
  const each = sum(counts) / sum(samples.map(({ length }) => length));
  return { word: each, mark: each, exact: false };
}

/** Units that cost `tokens` together, cut off where they are full. */
function makeUnits(material: Material, costs: Costs, seed: number, tokens: number): Unit[] {
  const rng = createRng(seed, 'prose');
  const cost = ({ isMark }: Unit) => (isMark ? costs.mark : costs.word);
  const closingCost = sum(material.closing.map(cost));
  const closes = closingCost > 0 && tokens >= shortestWithClosing * closingCost;
  const target = closes ? tokens - closingCost - costs.mark : tokens;
  const units: Unit[] = [];
  let spent = 0;
  const first = material.firstWords[seed % material.firstWords.length] ?? '';
  for (const unit of unitsWithoutEnd(first, material, rng)) {
    // Half a unit over is as near as half a unit under; exact costs are whole.
    if (spent + cost(unit) / 2 > target) break;
    units.push(unit);
    spent += cost(unit);
  }
  if (!closes) return units;
  const last = units.at(-1);
  if (last?.isMark === true) {
    units.pop();
    if (costs.mark > 0) units.push({ text: lastWord, isMark: false });
  }
  return [...units, { text: '.', isMark: true }, ...material.closing];
}

function* unitsWithoutEnd(first: string, { sentences }: Material, rng: Rng): Generator<Unit> {
  yield { text: first, isMark: false };
  yield { text: ':', isMark: true };
  for (;;) {
    const sentence = sentences[rng.int(sentences.length)] ?? [];
    for (const slot of sentence) {
      yield 'anyOf' in slot
        ? { text: slot.anyOf[rng.int(slot.anyOf.length)] ?? '', isMark: false }
        : toUnit(slot);
    }
  }
}

function toUnit(slot: Slot): Unit {
  if ('mark' in slot) return { text: slot.mark, isMark: true };
  return { text: 'word' in slot ? slot.word : (slot.anyOf[0] ?? ''), isMark: false };
}

function joinUnits(units: readonly Unit[]): string {
  let text = '';
  for (const unit of units) {
    text += unit.isMark || text === '' ? unit.text : ` ${unit.text}`;
  }
  return text;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
