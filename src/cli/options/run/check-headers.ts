import { BenchError } from '../../../core/index.ts';

/** Headers that say how a request is framed; the client writes them itself. */
const framing = /^(connection|content-length|expect|keep-alive|transfer-encoding|upgrade)$/i;
const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be sent.
const badValue = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * Headers that no request can carry, before one is sent. A value may be a secret: only names are shown.
 *
 * @throws BenchError USAGE_BAD_HEADER
 */
export function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    const problem = problemOf(name, value);
    if (problem === null) continue;
    throw new BenchError('USAGE_BAD_HEADER', `--header ${JSON.stringify(name)}: ${problem[0]}.`, {
      hint: problem[1],
    });
  }
}

function problemOf(name: string, value: string): [what: string, hint: string] | null {
  if (!token.test(name)) {
    return ["a header name holds only letters, digits and !#$%&'*+.^_`|~-", 'Write NAME=VALUE.'];
  }
  if (framing.test(name)) {
    const reuse = /^(connection|keep-alive)$/i.test(name);
    return [
      'it says how a request is framed, which the client decides',
      reuse ? 'For connections there is --connection-reuse.' : 'Leave it out.',
    ];
  }
  if (/^x-request-id$/i.test(name)) {
    return [
      "every request has an id of its own there, which joins the server's log to the records",
      "Send yours under another name; `{requestId}` in a value stands for the request's id.",
    ];
  }
  if (badValue.test(value)) {
    return [
      'its value holds a control character, or one outside of Latin-1',
      'Line breaks cannot be sent; give --header once for each header.',
    ];
  }
  if (/^host$/i.test(name) && !/^[^\s/?#@]+$/.test(value)) {
    return ['its value is not a host name with or without a port', 'Write host=NAME:PORT.'];
  }
  return null;
}
