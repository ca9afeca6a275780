import type { PlannedRequest, SendContext } from '../../model/index.ts';
import { addressOf, type ClientTarget, headersOf } from '../client-target.ts';
import { buildBody } from '../request-body.ts';
import { fillHeader, headerId, planHeaders } from '../request-headers.ts';

/** Makes whole requests, head and body in one buffer, with little left to do for each. */
export interface RequestBytes {
  of(
    request: Pick<PlannedRequest, 'index' | 'outputTokens'>,
    context: Pick<SendContext, 'requestId' | 'promptText' | 'body'>,
  ): Buffer;
  /** Why no request can be made; null when they can. */
  readonly error: string | null;
}

/** Headers that decide how a request is framed: not for a target to set. */
const framingHeaders =
  /^(connection|content-length|expect|keep-alive|transfer-encoding|upgrade|te|trailer)$/;
const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be sent.
const badValue = /[^\t\x20-\x7e\x80-\xff]/;

/** Name of the first of the target's headers that this path does not send; null when there is none. */
export function findBadHeader(target: Pick<ClientTarget, 'url' | 'headers'>): string | null {
  const bad = Object.entries(headersOf(target)).find(
    ([name, value]) => framingHeaders.test(name) || !token.test(name) || badValue.test(value),
  );
  return bad?.[0] ?? null;
}

export function createRequestBytes(target: ClientTarget): RequestBytes {
  const { origin, generatePath } = addressOf(target);
  const { host, 'x-request-id': _ignored, ...headers } = headersOf(target);
  const { fixed, varied } = planHeaders(headers);
  const badHeader = findBadHeader(target);
  const connection = target.connectionReuse === 'never' ? 'close' : 'keep-alive';
  const head = [
    `POST ${generatePath} HTTP/1.1`,
    `host: ${host ?? new URL(origin).host}`,
    `connection: ${connection}`,
    ...Object.entries(fixed).map(([name, value]) => `${name}: ${value}`),
    'x-request-id: ',
  ].join('\r\n');
  const bodies = createBodyMaker(target);

  return {
    error: badHeader === null ? null : `invalid ${badHeader} header`,
    of(request, { requestId, promptText, body }) {
      const json = body ?? bodies(request.outputTokens, promptText);
      const length = typeof json === 'string' ? Buffer.byteLength(json) : json.length;
      const id = headerId(requestId);
      let start = `${head}${id}\r\n`;
      for (const [name, template] of varied) {
        start += `${name}: ${fillHeader(template, id, request.index)}\r\n`;
      }
      start += `content-length: ${length}\r\n\r\n`;
      const bytes = Buffer.allocUnsafe(start.length + length);
      bytes.write(start, 'latin1');
      if (typeof json === 'string') bytes.write(json, start.length, 'utf8');
      else bytes.set(json, start.length);
      return bytes;
    },
  };
}

/** Stands for the prompt while the rest of the body is made. */
const promptMark = '\u0001the prompt of inferencebench\u0001';

/**
 * All of a body but its prompt is the same for every request of one output length: it is made
 * once, and only the prompt is made into JSON for each.
 */
function createBodyMaker(target: ClientTarget): (outputTokens: number, prompt: string) => string {
  const mark = JSON.stringify(promptMark);
  const partsOf = new Map<number, string[]>();
  return (outputTokens, prompt) => {
    let parts = partsOf.get(outputTokens);
    if (parts === undefined) {
      parts = JSON.stringify(buildBody(target, { outputTokens }, promptMark)).split(mark);
      if (partsOf.size < 4096) partsOf.set(outputTokens, parts);
    }
    // Fields of the target may have taken the prompt's place.
    if (parts.length !== 2) return JSON.stringify(buildBody(target, { outputTokens }, prompt));
    return parts[0] + JSON.stringify(prompt) + parts[1];
  };
}
