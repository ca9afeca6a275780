import { appendFile } from 'node:fs/promises';
import type { Answer, AskedServer, JudgePorts, Traffic } from '../../../arena/index.ts';

type Side = 'submission' | 'reference';

/**
 * The same ports; every request that goes through them, probes too, leaves a line of JSON in a file:
 * prompt, answer, times of all chunks in milliseconds from the send. Every figure of a trial can be
 * computed from them again.
 */
export function recordRequests(ports: JudgePorts, path: string): JudgePorts {
  const launches = { submission: 0, reference: 0 };
  // Lines of one traffic stay together.
  let written: Promise<void> = Promise.resolve();
  const recorded = <T extends AskedServer>(server: T, side: Side): T => {
    const launch = ++launches[side];
    const send = async (traffic: Traffic) => {
      const answers = await server.send(traffic);
      const lines = answers.map((answer, index) =>
        JSON.stringify(lineOf(answer, { side, launch, traffic, index })),
      );
      const text = lines.map((line) => `${line}\n`).join('');
      written = written.then(() => appendFile(path, text));
      await written;
      return answers;
    };
    return { ...server, send };
  };
  return {
    ...ports,
    launch: async (folder) => recorded(await ports.launch(folder), 'submission'),
    startReference: async () => recorded(await ports.startReference(), 'reference'),
  };
}

function lineOf(
  { ask, ...answer }: Answer,
  about: { side: Side; launch: number; traffic: Traffic; index: number },
) {
  const { side, launch, traffic, index } = about;
  const { id, timed, arrival, maxInFlight, rateRps } = traffic;
  return { side, launch, traffic: id, timed, arrival, maxInFlight, rateRps, index, ask, ...answer };
}
