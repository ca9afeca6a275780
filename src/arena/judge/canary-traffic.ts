import { createRng } from '../../core/index.ts';
import type { LoadProfile, ScenarioSize } from '../../model/index.ts';
import { hidden } from '../checks/canary-answer.ts';
import type { Preparation } from '../checks/check.ts';
import { drawLengths } from '../checks/lengths.ts';
import { sum } from '../checks/numbers.ts';
import { shippedQuestions, shuffleQuestions } from '../checks/questions.ts';
import type { Ask, TokenScore } from './ports.ts';
import type { TimedProfile } from './timed-traffic.ts';

/** Of a scenario's only profile, or of each of several. */
const canariesOf = (profiles: number) => (profiles === 1 ? 3 : 2);
/** Candidates for each; one in five hides a number, which models that know little can find. */
const candidatesEach = 10;
const oneHidden = 5;
/** Surer than that, nobody looks for a better one. */
const sureEnough = 0.95;
/** Less sure than that in whole sentences: tried as a bare answer too. */
const seldom = 0.25;
/** Nats between the reference's first and second choice: more than other arithmetic makes of it. */
const clearMargin = 1;

/**
 * The same profiles with canaries: more requests of their form and lengths, at places of the seed,
 * whose answers can be told right from wrong. Of some candidates those are chosen that the
 * reference answers most surely.
 */
export async function addCanaries(
  profiles: readonly TimedProfile[],
  prep: Preparation,
): Promise<TimedProfile[]> {
  const made: TimedProfile[] = [];
  for (const one of profiles) {
    const { id, requests } = one.profile;
    const count = Math.min(canariesOf(profiles.length), Math.max(0, requests - 1));
    const asks = await chooseCanaries(one.profile, count, prep);
    const places = drawPlaces(requests, count, prep.seedOf(`canary-places/${id}`));
    const canaries = places.flatMap((before, at) => {
      const ask = asks[at];
      return ask === undefined ? [] : [{ before, ask }];
    });
    made.push({ ...one, canaries });
  }
  return made;
}

/** In front of which requests, from the second on, in order: none first or last, no two together. */
export function drawPlaces(requests: number, count: number, seed: number): number[] {
  const rng = createRng(seed, 'canary-places');
  const left = Array.from({ length: Math.max(0, requests - 1) }, (_, at) => at + 1);
  const drawn = Array.from({ length: Math.min(count, left.length) }, () =>
    left.splice(rng.int(left.length), 1),
  );
  return drawn.flat().toSorted((a, b) => a - b);
}

async function chooseCanaries(
  profile: LoadProfile,
  count: number,
  prep: Preparation,
): Promise<Ask[]> {
  const candidates: Candidate[] = [];
  for (let at = 0; at < count * candidatesEach; at++) {
    candidates.push(await makeCandidate(profile, at, prep));
  }
  let tried: Ask[] = [];
  for (const form of ['sentence', 'answer'] as const) {
    tried = [...(await scoreAll(candidates, form, count, prep)), ...tried].toSorted(
      (a, b) => certaintyOf(b) - certaintyOf(a),
    );
    const last = tried[count - 1];
    if (last !== undefined && certaintyOf(last) >= seldom) break;
  }
  // The same may have been tried in both forms.
  const texts = new Set<string>();
  return tried
    .filter(({ messages }) => {
      const text = messages.map(({ content }) => content).join('\n');
      return !texts.has(text) && texts.add(text).size > 0;
    })
    .slice(0, count);
}

interface Candidate {
  ask: Ask;
  answer: string;
  sentence: string;
  options: readonly string[] | null;
}

const certaintyOf = ({ canary }: Ask) => canary?.certainty ?? 0;

/** Until there are enough that are sure. */
async function scoreAll(
  candidates: readonly Candidate[],
  form: 'sentence' | 'answer',
  count: number,
  { oracle, size }: Preparation,
): Promise<Ask[]> {
  const scored: Ask[] = [];
  for (const candidate of candidates) {
    const { ask, answer, options } = candidate;
    const tokens = await oracle.score(ask, candidate[form], size.temperature);
    scored.push({ ...ask, canary: { answer, options, certainty: certaintyFrom(tokens, size) } });
    if (scored.filter((one) => certaintyOf(one) >= sureEnough).length >= count) break;
  }
  return scored;
}

/** Of a reply in these words; under greedy decoding it comes, or does not. */
function certaintyFrom(tokens: readonly TokenScore[], { temperature }: ScenarioSize): number {
  if (tokens.length === 0) return 0;
  if (temperature > 0) return Math.exp(sum(tokens.map(({ logProb }) => logProb)));
  const clear = tokens.every((one) => one.rank === 0 && one.topMarginNats > clearMargin);
  return clear ? sureEnough : 0;
}

async function makeCandidate(
  profile: LoadProfile,
  at: number,
  { seedOf, makeAsk }: Preparation,
): Promise<Candidate> {
  const seed = seedOf(`canary/${profile.id}/${at}`);
  const lengths = drawLengths({ profiles: [profile] }, seed);
  const [question] = shuffleQuestions(shippedQuestions, seed);
  if (question === undefined || at % oneHidden === oneHidden - 1) {
    const rng = createRng(seed, 'number');
    const answer = String(10_000 + rng.int(90_000));
    const ask = await makeAsk({ seed, ...lengths, ...hidden(answer), headAt: rng.next() });
    return { ask, answer, sentence: `The secret number is ${answer}`, options: null };
  }
  const ask = await makeAsk({ seed, ...lengths, tail: question.text });
  const { answer, options, sentence = answer } = question;
  return { ask, answer, options, sentence };
}
