import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { BenchError, messageOf } from '../../../core/index.ts';
import { createElementSplitter } from './element-splitter.ts';

/** A message as the file has it. */
export interface RawMessage {
  /** `human`, `gpt`, `system`, ... */
  from: string;
  value: string;
}

export interface Conversation {
  id: string;
  messages: readonly RawMessage[];
}

/** A message of a human and the reply to it; everything before is context. */
export interface Turn {
  conversation: Conversation;
  /** Where the message and its reply stand in the conversation. */
  human: number;
  reply: number;
}

export interface Turns {
  turns: readonly Turn[];
  /** SHA-256 of the turns and of all the messages up to the last of them, by conversation. */
  sha256: string;
  /** SHA-256 of the whole file. */
  fileSha256: string;
}

const shape =
  'The file is a JSON array of {"id", "conversations": [{"from": "human", "value": "..."}, ...]}.';

/**
 * The first `limit` turns of a file in the format of ShareGPT, in file order. Nothing behind them is
 * parsed, only hashed: the beginning of a larger file, cut off anywhere, serves as well.
 *
 * @throws BenchError WORKLOAD_FILE, WORKLOAD_ROW (with the number of the conversation, from 0),
 * WORKLOAD_EMPTY
 */
export async function readTurns(path: string, limit: number): Promise<Turns> {
  const splitter = createElementSplitter();
  const fileHash = createHash('sha256');
  const hash = createHash('sha256');
  const turns: Turn[] = [];
  let conversations = 0;
  const refuse = (why: string): never => {
    throw new BenchError('WORKLOAD_ROW', `${path}, conversation ${conversations}: ${why}.`, {
      hint: shape,
    });
  };
  const take = (text: string) => {
    if (turns.length >= limit) return;
    const conversation = parseConversation(text, refuse);
    const found = turnsOf(conversation).slice(0, limit - turns.length);
    conversations += 1;
    const last = found.at(-1);
    if (last === undefined) return;
    turns.push(...found);
    const messages = conversation.messages.slice(0, last.reply + 1);
    hash.update(
      `${JSON.stringify([
        conversation.id,
        messages.map(({ from, value }) => [from, value]),
        found.map(({ human, reply }) => [human, reply]),
      ])}\n`,
    );
  };
  try {
    for await (const bytes of createReadStream(path, { highWaterMark: 1 << 20 })) {
      fileHash.update(bytes as Buffer);
      if (turns.length >= limit) continue;
      for (const text of splitter.push(bytes as Buffer)) take(text);
    }
  } catch (error) {
    if (error instanceof BenchError) throw error;
    if (error instanceof SyntaxError || error instanceof TypeError) refuse(messageOf(error));
    throw new BenchError('WORKLOAD_FILE', `Cannot read dataset "${path}": ${messageOf(error)}.`, {
      hint: 'Check the path; no other data is used in its place.',
      cause: error,
    });
  }
  if (turns.length < limit && !splitter.complete) refuse('the file ends within the array');
  if (turns.length === 0) {
    throw new BenchError('WORKLOAD_EMPTY', `Dataset "${path}" has no turn.`, {
      hint: 'A turn is a message from "human" that a message from "gpt" follows, neither empty.',
    });
  }
  return { turns, sha256: hash.digest('hex'), fileSha256: fileHash.digest('hex') };
}

/**
 * The turns of one conversation: each message of a human with the next reply, where no other message
 * of a human comes between, and both hold text.
 */
export function turnsOf(conversation: Conversation): Turn[] {
  const turns: Turn[] = [];
  let human: number | null = null;
  conversation.messages.forEach(({ from, value }, i) => {
    if (from === 'human') human = i;
    if (from !== 'gpt' || human === null) return;
    const asked = conversation.messages[human]?.value ?? '';
    if (asked.trim() !== '' && value.trim() !== '') turns.push({ conversation, human, reply: i });
    human = null;
  });
  return turns;
}

function parseConversation(text: string, refuse: (why: string) => never): Conversation {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return refuse(`not JSON (${messageOf(error)})`);
  }
  if (!isObject(parsed)) return refuse('not an object');
  const { id, conversations } = parsed;
  if (!Array.isArray(conversations)) return refuse('"conversations" is not a list');
  const messages = conversations.map((message: unknown, i): RawMessage => {
    if (!isObject(message)) return refuse(`message ${i} is not an object`);
    const { from, value } = message;
    if (typeof from !== 'string' || typeof value !== 'string') {
      return refuse(`"from" or "value" of message ${i} is not a text`);
    }
    return { from, value };
  });
  return { id: typeof id === 'string' ? id : '', messages };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
