import type { Generation } from '../generation.ts';
import { count, type Finding } from '../per-api.ts';
import type { GenerateAsk, Probe, ProbeContext } from '../probe.ts';
import { rejectionOf } from '../rejection.ts';

const repeats = 3;

/** Whether the same request gives the same text. */
export const samplingProbe: Probe = {
  id: 'sampling',
  rows: [
    {
      id: 'sampling.greedy',
      title: 'Greedy text is the same again',
      asked: `temperature 0, the same prompt ${repeats} times, one after the other`,
      means: {
        yes: 'Outputs can be compared between runs.',
        no: 'Outputs differ from run to run: compare lengths and times, not texts.',
      },
    },
    {
      id: 'sampling.greedy-load',
      title: 'Greedy text is the same under load',
      asked: 'temperature 0, the same prompt alone and amid others at the same time',
      means: {
        yes: 'Quality measured alone holds under load.',
        no: 'Batching changes the text: quality measured alone does not speak for a loaded server.',
      },
    },
    {
      id: 'sampling.seed',
      title: 'seed fixes a sampled text',
      asked: 'temperature 1, the same seed twice, then two others',
      means: {
        yes: 'Sampled runs can be repeated.',
        partial: 'The text is the same whatever the seed: temperature has no effect.',
        no: 'Sampled runs cannot be repeated exactly.',
        ignored: 'Sampled runs cannot be repeated exactly. Nothing in the reply says so.',
      },
    },
  ],
  async run(context, report) {
    const { signal } = context;
    const alone: Generation[] = [];
    for (let i = 0; i < repeats; i++) alone.push(await context.generate());
    if (signal.aborted) return;
    const greedy = sameFinding(alone, 'requests');
    report('sampling.greedy', ...greedy);
    report('sampling.greedy-load', ...(await underLoad(context, greedy, alone[0]?.text ?? '')));
    if (signal.aborted) return;
    report('sampling.seed', ...(await seedFinding(context)));
  },
};

function sameFinding(generations: readonly Generation[], what: string): Finding {
  const failed = generations.find((one) => one.failed !== null)?.failed;
  if (failed !== undefined && failed !== null) return ['unknown', failed];
  if (generations.every(({ text }) => text === '')) return ['unknown', 'no text came'];
  const texts = new Set(generations.map(({ text }) => text));
  const evidence = `${count(texts.size, 'text')} from ${generations.length} ${what}`;
  return [texts.size === 1 ? 'yes' : 'no', evidence];
}

/** The same request amid as many others as the server takes at once, and once more amid others. */
async function underLoad(
  context: ProbeContext,
  [alone, said]: Finding,
  expected: string,
): Promise<Finding> {
  if (alone !== 'yes') {
    return ['unknown', alone === 'no' ? 'it is not the same alone either' : said];
  }
  const { slots, sizes } = context;
  const others = Math.max(1, Math.min(sizes.parallel, slots ?? 4) - 1);
  const inFlight = others + 1;
  let same = 0;
  let asked = 0;
  for (let round = 0; round < 2; round++) {
    const load = Array.from({ length: others }, (_, i) =>
      context.generate({
        // Of different lengths, so that batches of several shapes come about.
        prompt: `${context.freshWords(4 + 3 * i)}. Tell a story about these words.`,
        maxTokens: sizes.tokens * 2,
      }),
    );
    const [watched, ...rest] = await Promise.all([context.generate(), ...load]);
    const failed = [watched, ...rest].find((one) => one?.failed != null)?.failed;
    if (failed != null) return ['unknown', `amid ${count(others, 'other')}: ${failed}`];
    asked++;
    if (watched?.text === expected) same++;
  }
  const evidence = `${same} of ${asked} texts as alone, ${inFlight} requests at once`;
  if (slots === 1) return [same === asked ? 'yes' : 'no', `${evidence}, served one at a time`];
  return [same === asked ? 'yes' : 'no', evidence];
}

async function seedFinding(context: ProbeContext): Promise<Finding> {
  const ask = (seed: number): GenerateAsk => ({ fields: { temperature: 1, top_p: 1, seed } });
  const made: Generation[] = [];
  for (const seed of [7, 7, 8, 9]) {
    const generation = await context.generate(ask(seed));
    const rejected = await rejectionOf(context, generation);
    if (rejected !== null) return rejected;
    if (generation.failed !== null) return ['unknown', generation.failed];
    made.push(generation);
  }
  const [first, again, ...other] = made.map(({ text }) => text);
  const differing = other.filter((text) => text !== first).length;
  const evidence = `the same seed: ${first === again ? 'one text' : 'two texts'}; ${differing} of ${other.length} other seeds: another text`;
  if (first !== again) return ['ignored', evidence];
  return [differing > 0 ? 'yes' : 'partial', evidence];
}
