import { createServer, request } from 'node:http';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { onTestFinished } from 'vitest';
import { type SimServer, type SimSpecInput, startSimServer } from '../../src/sim/index.ts';

/** A server of quick answers, gone after the test. */
export async function startSim(spec: SimSpecInput = {}): Promise<SimServer> {
  const server = await startSimServer({
    prefill: { baseMs: 3, perTokenMs: 0 },
    decode: { kind: 'constant', itlMs: 1 },
    ...spec,
  });
  onTestFinished(() => server.stop());
  return server;
}

async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

/** A port that nobody listens on. */
export async function deadPort(): Promise<string> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}/v1`;
}

/** Something that listens but speaks another protocol. */
export const startSshLike = () =>
  listen(createTcpServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.6\r\n')));

/** Takes connections and never says a word. */
export const startMute = () => listen(createTcpServer((socket) => socket.on('error', () => {})));

/** Lists one model, as the engine of that name does, and can do nothing else. */
export const startModelList = (owner: string) =>
  listen(
    createServer((req, res) => {
      const found = req.url === '/v1/models';
      res.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
      res.end(JSON.stringify(found ? { data: [{ id: 'sim-model', owned_by: owner }] } : {}));
    }),
  );

/** A sim server whose `/v1/completions` does not exist. */
export async function startChatOnly(): Promise<string> {
  const sim = await startSim();
  return listen(
    createServer((req, res) => {
      if (req.url === '/v1/completions') {
        req.resume();
        res.writeHead(404, { 'content-type': 'application/json' }).end('{"detail":"Not Found"}');
        return;
      }
      const { method, headers, url } = req;
      const onward = request({ host: '127.0.0.1', port: sim.port, path: url, method, headers });
      onward.on('response', (reply) => {
        res.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(res);
      });
      onward.on('error', () => res.destroy());
      req.pipe(onward);
    }),
  );
}
