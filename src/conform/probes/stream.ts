import { contentType, endWords } from '../generation.ts';
import { type Finding, joinApis, lookAtEach } from '../per-api.ts';
import type { Api, Probe } from '../probe.ts';

/** How a stream travels. */
export const streamProbe: Probe = {
  id: 'stream',
  rows: [
    {
      id: 'stream.sse',
      title: 'Streams server-sent events',
      asked: 'a streamed generation by each API',
      means: {
        yes: 'Every token can be stamped as it arrives.',
        partial: 'Drive the API that streams (--api), or mind the events that cannot be read.',
        no: 'Nothing can be said about the time of a token.',
      },
    },
    {
      id: 'stream.chunked',
      title: 'Chunked transfer encoding',
      asked: 'the head of a streamed reply',
      means: {
        yes: 'A broken stream is told from one that has ended.',
        partial:
          'One API ends its body with the connection: there only [DONE] or finish_reason tell a whole reply.',
        no: 'The body ends with the connection: only [DONE] or finish_reason tell a whole reply from a broken one.',
      },
    },
    {
      id: 'stream.done',
      title: 'Ends with [DONE]',
      asked: 'the last events of a stream',
      means: {
        yes: 'The end of a stream is explicit.',
        partial: 'Only one API marks the end of its streams.',
        no: 'The end is the finish_reason and the end of the body: a stream that breaks behind the finish_reason looks whole.',
      },
    },
    {
      id: 'stream.comments',
      title: 'Sends comment lines to keep the connection alive',
      asked: 'lines that begin with a colon, in a stream and before it',
      means: {
        yes: 'The first byte is no sign of a token: a client that stamps it reports a TTFT that is too good.',
        partial:
          'The first byte is no sign of a token: a client that stamps it reports a TTFT that is too good.',
        no: 'None seen in short streams; a slow first token may still bring some.',
      },
    },
    {
      id: 'stream.reuse',
      title: 'Keeps the connection open behind a stream',
      asked: 'a second request right behind the first, on the same connection',
      means: {
        yes: 'Connecting is not part of a request’s latency.',
        no: 'Every request pays for its own connection, as part of its response latency (--connection-reuse).',
      },
    },
  ],
  async run(context, report) {
    const sse: (readonly [Api, Finding])[] = [];
    for (const api of context.apis) {
      const { exchange, malformed, chunks, failed } = await context.ordinary(api);
      const type = contentType(exchange);
      const isStream = exchange.status === 200 && /event-stream/.test(type);
      if (context.signal.aborted) return;
      if (exchange.status === null) sse.push([api, ['error', endWords(exchange)]]);
      else if (!isStream) sse.push([api, ['no', `HTTP ${exchange.status}, ${type}`]]);
      else if (failed !== null) sse.push([api, ['error', failed]]);
      else {
        const broken = malformed === 0 ? '' : `, ${malformed} events that are no JSON object`;
        sse.push([
          api,
          [
            malformed === 0 ? 'yes' : 'partial',
            `HTTP 200, ${type}, ${chunks.length} chunks${broken}`,
          ],
        ]);
      }
    }
    report('stream.sse', ...joinApis(sse));
    report(
      'stream.chunked',
      ...(await lookAtEach(context, ({ exchange: { headers } }) => {
        const encoding = headers['transfer-encoding'] ?? '';
        if (/chunked/i.test(encoding)) return ['yes', 'transfer-encoding: chunked'];
        if (headers['content-length'] !== undefined) return ['no', 'content-length, in one piece'];
        return ['no', 'no transfer-encoding, the body ends with the connection'];
      })),
    );
    report(
      'stream.done',
      ...(await lookAtEach(context, ({ done, finish }) =>
        done
          ? ['yes', '[DONE] is the last event']
          : ['no', `no [DONE] behind ${finish === null ? 'the last chunk' : 'the finish_reason'}`],
      )),
    );
    report(
      'stream.comments',
      ...(await lookAtEach(context, ({ exchange: { body } }) => {
        const comments = body.match(/^:.*$/gm)?.length ?? 0;
        return comments > 0 ? ['yes', `${comments} comment lines`] : ['no', 'no comment line'];
      })),
    );
    const closes = await context.closesConnections();
    if (context.signal.aborted) return;
    if (closes === null) report('stream.reuse', 'unknown', 'the two requests did not both succeed');
    else if (closes) report('stream.reuse', 'no', 'the connection was closed behind the stream');
    else report('stream.reuse', 'yes', 'the second request went over the same connection');
  },
};
