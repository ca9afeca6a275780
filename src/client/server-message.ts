/**
 * What a server's error body says, in one line: the JSON shapes of OpenAI, vLLM and llama.cpp
 * (`error.message`), FastAPI (`detail`), others (`message`), the title of an HTML page, or the
 * text itself. Empty when there is nothing to say. Not redacted.
 */
export function messageOfBody(body: string): string {
  const text = body.trim();
  if (text === '') return '';
  const json = parseJson(text);
  const message = json === undefined ? null : messageOfJson(json);
  if (message !== null) return oneLine(message);
  if (text.startsWith('<')) {
    const title = /<title[^>]*>([^<]*)<\/title>/i.exec(text)?.[1]?.trim();
    return oneLine(title ? title : text.replaceAll(/<[^>]*>/g, ' '));
  }
  return oneLine(text);
}

/** The error message inside a parsed JSON value, or null when it does not hold an error. */
export function messageOfJson(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null;
  const { error, detail, message } = value as Record<string, unknown>;
  if (typeof error === 'string' && error !== '') return error;
  if (typeof error === 'object' && error !== null) {
    return messageOfJson(error) ?? JSON.stringify(error);
  }
  if (typeof message === 'string') return message;
  if (typeof detail === 'string') return detail;
  if (Array.isArray(detail)) return detail.map(detailLine).join('; ');
  return null;
}

/** FastAPI's validation errors: `[{loc: ["body", "x"], msg: "..."}]`. */
function detailLine(item: unknown): string {
  if (typeof item !== 'object' || item === null) return String(item);
  const { loc, msg } = item as Record<string, unknown>;
  const where = Array.isArray(loc) ? `${loc.join('.')}: ` : '';
  return typeof msg === 'string' ? `${where}${msg}` : JSON.stringify(item);
}

const missingModel =
  /\bmodel\b[^\n]{0,120}(does not exist|doesn't exist|not found|not exist|is not available|not supported|is not loaded)|(unknown|no such|invalid|unrecognized) model\b|model_not_found|could ?n[o']t find model/i;

/** Whether an error response says that the model, not the path or a parameter, is unknown. */
export function isModelMissing(status: number, body: string): boolean {
  return (status === 404 || status === 400) && missingModel.test(body);
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
