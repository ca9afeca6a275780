import type { HonestVariant, ScenarioSize } from '../../model/index.ts';
import { outputTokensOf, shortPromptTokens } from '../checks/lengths.ts';
import { agreementOf } from '../checks/noise-floor.ts';
import { excessNats, replay } from '../checks/replay.ts';
import { createAskMaker, seedsFrom } from '../judge/make-ask.ts';
import type { Answer, Ask, AskedServer, JudgePorts, ReferenceServer } from '../judge/ports.ts';

/** Enough for some hundreds of tokens of each kind. */
const prompts = 16;
const inBurst = 8;

/** An honest server, as a folder with a launch script. */
export interface VariantToMeasure {
  id: string;
  description: string;
  folder: string;
}

/**
 * How far honest servers are from the reference: the same greedy requests alone and in a burst, and
 * requests at the scenario's temperature, all replayed through the reference.
 *
 * @param seed of the requests
 * @throws BenchError ENGINE_* where a variant does not serve, PREREQ_*
 */
export async function measureNoiseFloor(
  size: ScenarioSize,
  seed: string,
  variants: readonly VariantToMeasure[],
  ports: Pick<JudgePorts, 'startReference' | 'makePrompt' | 'launch' | 'say'>,
): Promise<HonestVariant[]> {
  const asks = await withReference(ports, (reference) => makeAsks(size, seed, ports, reference));
  const answered = new Map<string, Answered>();
  for (const { id, folder } of variants) {
    ports.say(`honest variant: ${id}`);
    const server = await ports.launch(folder);
    try {
      await server.ready();
      answered.set(id, await askAll(server, asks, size));
    } finally {
      await server.stop();
    }
  }
  ports.say('the reference replays what they said');
  return withReference(ports, async ({ oracle }) => {
    const measured: HonestVariant[] = [];
    for (const { id, description } of variants) {
      const { alone, burst, sampled } = answered.get(id) ?? nothing;
      const replayed = await replay(oracle, sampled, size.temperature);
      const excess = excessNats(replayed);
      measured.push({
        ...{ id, description },
        alone: agreementOf(await replay(oracle, alone, 0)),
        burst: agreementOf(await replay(oracle, burst, 0)),
        sampled:
          excess === null
            ? null
            : { tokens: replayed.tokens.length, meanNats: excess.mean, seNats: excess.se },
      });
    }
    return measured;
  });
}

interface Answered {
  alone: Answer[];
  burst: Answer[];
  sampled: Answer[];
}

const nothing: Answered = { alone: [], burst: [], sampled: [] };

async function makeAsks(
  size: ScenarioSize,
  seed: string,
  ports: Pick<JudgePorts, 'makePrompt'>,
  { oracle }: ReferenceServer,
): Promise<Ask[]> {
  const makeAsk = createAskMaker(ports, oracle, size);
  const seedOf = seedsFrom(seed);
  const asks: Ask[] = [];
  for (let at = 0; at < prompts; at++) {
    asks.push(
      await makeAsk({
        seed: seedOf(`noise/${at}`),
        inputTokens: shortPromptTokens(size),
        outputTokens: Math.min(48, outputTokensOf(size)),
        temperature: 0,
      }),
    );
  }
  return asks;
}

async function askAll(
  server: AskedServer,
  asks: readonly Ask[],
  { temperature }: ScenarioSize,
): Promise<Answered> {
  const send = (id: string, some: readonly Ask[], maxInFlight: number) =>
    server.send({
      ...{ id, asks: some, arrival: 'burst', maxInFlight, rateRps: null, seed: 0, timed: false },
    });
  const alone = await send('noise-alone', asks, 1);
  const burst = await send('noise-burst', asks, inBurst);
  const warm = temperature === 0 ? [] : asks.map((ask) => ({ ...ask, temperature }));
  return { alone, burst, sampled: warm.length === 0 ? [] : await send('noise-sampled', warm, 1) };
}

async function withReference<T>(
  ports: Pick<JudgePorts, 'startReference'>,
  work: (reference: ReferenceServer) => Promise<T>,
): Promise<T> {
  const reference = await ports.startReference();
  try {
    return await work(reference);
  } finally {
    await reference.stop();
  }
}
