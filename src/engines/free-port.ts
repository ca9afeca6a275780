import { createServer } from 'node:net';
import { BenchError, messageOf } from '../core/index.ts';

/** A port that was free a moment ago. @throws BenchError `PREREQ_PORT` when none can be bound. */
export function pickFreePort(host: string): Promise<number> {
  return bindOnce(host, 0);
}

/** Whether a server could listen there now. */
export async function isPortFree(host: string, port: number): Promise<boolean> {
  return bindOnce(host, port).then(
    () => true,
    () => false,
  );
}

function bindOnce(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) =>
      reject(
        new BenchError('PREREQ_PORT', `Cannot listen on ${host}:${port}: ${messageOf(error)}.`, {
          cause: error,
        }),
      ),
    );
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address ? address.port : port;
      server.close(() => resolve(bound));
    });
  });
}
