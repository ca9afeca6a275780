import { ChunkKind } from '../model/index.ts';

/** A piece of generated text inside one choice of one chunk. */
export interface TextPiece {
  kind: ChunkKind;
  text: string;
}

/** What one choice of one chunk carries. */
export interface ChoiceContent {
  pieces: TextPiece[];
  /** A text field was there and empty, without a `role` beside it. */
  emptyText: boolean;
  /** Length of `token_ids`, where the server sends them. */
  tokenIds: number | null;
}

const kindOfField: Readonly<Record<string, ChunkKind>> = {
  content: ChunkKind.content,
  text: ChunkKind.content,
  refusal: ChunkKind.content,
  audio: ChunkKind.content,
  reasoning_content: ChunkKind.reasoning,
  reasoning: ChunkKind.reasoning,
  reasoning_text: ChunkKind.reasoning,
  reasoning_details: ChunkKind.reasoning,
  thinking: ChunkKind.reasoning,
  thinking_blocks: ChunkKind.reasoning,
  thought: ChunkKind.reasoning,
  tool_calls: ChunkKind.tool,
  function_call: ChunkKind.tool,
};

/** Fields of a delta that never hold generated text. */
const silentFields = new Set(['role', 'name', 'id', 'type', 'index', 'object', 'signature']);

/** Whether generated text that is not a tool call may stand in a delta under this name. */
export function isTextField(name: string): boolean {
  return Object.hasOwn(kindOfField, name) && kindOfField[name] !== ChunkKind.tool;
}

type Json = Record<string, unknown>;

export function isJsonObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Generated text in one element of `choices`, whatever field it hides in.
 * @param unknownFields receives the names of delta fields that hold text and are not in the table.
 */
export function readChoice(choice: Json, unknownFields: Set<string>): ChoiceContent {
  const content: ChoiceContent = { pieces: [], emptyText: false, tokenIds: null };
  const delta = isJsonObject(choice['delta']) ? choice['delta'] : null;
  if (typeof choice['text'] === 'string') addField(content, 'text', choice['text']);
  if (delta) {
    for (const name of Object.keys(delta)) {
      const value = delta[name];
      if (value === null || value === undefined || silentFields.has(name)) continue;
      if (Object.hasOwn(kindOfField, name)) addField(content, name, value);
      else if (typeof value === 'string' && value !== '') {
        unknownFields.add(name);
        content.pieces.push({ kind: ChunkKind.content, text: value });
      }
    }
    if (typeof delta['role'] === 'string') content.emptyText = false;
  }
  // vLLM puts them beside the delta, others inside it.
  const ids = choice['token_ids'] ?? delta?.['token_ids'];
  if (Array.isArray(ids)) content.tokenIds = ids.length;
  return content;
}

function addField(content: ChoiceContent, name: string, value: unknown): void {
  const kind = kindOfField[name] ?? ChunkKind.content;
  const text = kind === ChunkKind.tool ? textOfTool(value) : textOf(value);
  if (text !== '') content.pieces.push({ kind, text });
  else if (value === '') content.emptyText = true;
}

/** Text of a field that is a string, or a list of parts that hold one. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textOf).join('');
  if (!isJsonObject(value)) return '';
  for (const name of ['text', 'summary', 'thinking', 'content', 'transcript', 'data']) {
    const part = value[name];
    if (part !== undefined && part !== null) return textOf(part);
  }
  return '';
}

/** Names and arguments of tool calls: `[{function: {name, arguments}}]` or the old single form. */
function textOfTool(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOfTool).join('');
  if (!isJsonObject(value)) return '';
  const call = isJsonObject(value['function']) ? value['function'] : value;
  const { name, arguments: args } = call;
  const argText = typeof args === 'string' ? args : isJsonObject(args) ? JSON.stringify(args) : '';
  return (typeof name === 'string' ? name : '') + argText;
}
