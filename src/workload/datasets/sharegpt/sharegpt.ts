import { createHash } from 'node:crypto';
import { BenchError } from '../../../core/index.ts';
import type { ChatMessage, PromptRecipe, TokenCounter } from '../../../model/index.ts';
import { createVocabulary, wordText } from '../../text/vocabulary.ts';
import { commonWords } from '../../text/words.ts';
import {
  type DataFile,
  type Dataset,
  type DatasetOptions,
  type DatasetRow,
  type LoadedDataset,
  noOverhead,
  type PromptOverhead,
  rowOrder,
} from '../dataset.ts';
import { readTurns, type Turn, type Turns } from './read-turns.ts';

export interface ShareGptKind extends Pick<Dataset, 'id' | 'aliases' | 'title' | 'file'> {
  /** Turns that are taken, from the beginning of the file. */
  limit: number;
  /** SHA-256 of the turns (readTurns); null = any file will do. */
  turnsSha256: string | null;
}

const saltWords = 2;
/** Rule of thumb for English text under today's tokenizers; used only where nobody can count. */
const charactersPerToken = 4;
const textsPerCount = 256;

/** A data set in the format of ShareGPT: real conversations, turn by turn, lengths of their own. */
export function defineShareGpt({ limit, turnsSha256, ...kind }: ShareGptKind): Dataset {
  return {
    ...kind,
    lengthsFrom: 'rows',
    conversations: true,
    async load(options) {
      const file = await fileOf(kind.id, options);
      const read = await readTurns(file.path, limit);
      if (turnsSha256 !== null && read.sha256 !== turnsSha256) {
        throw new BenchError(
          'WORKLOAD_HASH',
          `"${file.path}" is not ${kind.id}: its first ${read.turns.length} turns hash to ${read.sha256}, not to ${turnsSha256}.`,
          { hint: `For another file in the same format: --dataset sharegpt:${file.path}` },
        );
      }
      return loadTurns(kind.id, file, read, options);
    },
  };
}

async function fileOf(id: string, { path, findFile }: DatasetOptions): Promise<DataFile> {
  if (path !== null && path !== '') return { path, source: path, revision: null };
  if (findFile !== undefined) return findFile(id);
  throw new BenchError('USAGE_DATASET_PATH', `Dataset "${id}" needs a file.`, {
    hint: `Name it after a colon: --dataset ${id}:FILE.json.`,
  });
}

async function loadTurns(
  id: string,
  file: DataFile,
  { turns, sha256, fileSha256 }: Turns,
  options: DatasetOptions,
): Promise<LoadedDataset> {
  const { counter, salted = true, chat = false, overhead = noOverhead } = options;
  const vocabulary = salted ? await createVocabulary(commonWords, counter) : null;
  const salt = (seed: number) =>
    vocabulary === null ? '' : `${wordText(vocabulary, seed, saltWords)}\n`;
  const turnOf = ({ row }: PromptRecipe): ChatMessage[] => {
    const turn = turns[row ?? 0];
    if (turn === undefined) throw new Error(`${id} has no turn ${row}`);
    return turnMessages(turn);
  };
  const messagesOf = (recipe: PromptRecipe): readonly ChatMessage[] =>
    turnOf(recipe).map((message, i) =>
      i === 0 ? { ...message, content: salt(recipe.seed) + message.content } : message,
    );
  const order = rowOrder(turns.length, options.seed ?? 0);
  const chosen = new Set(order.slice(0, options.rowsNeeded ?? turns.length));
  const hash = createHash('sha256').update(
    JSON.stringify([sha256, vocabulary?.hash ?? 'unsalted', chat, overhead]),
  );
  return {
    id,
    hash: hash.digest('hex'),
    rows: await rowsOf(turns, chosen, salt(0), { counter, chat, overhead }),
    promptText: (recipe) => salt(recipe.seed) + transcriptOf(turnOf(recipe)),
    ...(chat && { messages: messagesOf }),
    describe: `${turns.length} turns of real conversations, ${file.source}${file.revision === null ? '' : ` at ${file.revision}`}; ${
      vocabulary === null
        ? 'prompts sent as they are'
        : `${saltWords} salt words in front of each prompt`
    }; real reply lengths; ${
      counter === null
        ? `lengths approximate: no tokenizer at hand, ${charactersPerToken} characters taken for a token`
        : `lengths counted message by message (${counter.source})`
    }`,
    source: {
      source: file.source,
      revision: file.revision,
      sha256: fileSha256,
      rule: `turns by number in file order, from 0 (turns sha256 ${sha256}): a message of "human" with the next one of "gpt", both with text, behind the earlier messages of its conversation; the first ${turns.length}; their order follows from the seed, each is used once before any is used again (plan.jsonl lists them)`,
    },
  };
}

/** Names in the file to roles of the API; a few replies are by other assistants. */
const roles: Readonly<Record<string, ChatMessage['role']>> = {
  human: 'user',
  user: 'user',
  system: 'system',
};

function turnMessages({ conversation, human }: Turn): ChatMessage[] {
  return conversation.messages
    .slice(0, human + 1)
    .map(({ from, value }) => ({ role: roles[from] ?? 'assistant', content: value }));
}

const labels = { system: 'System', user: 'User', assistant: 'Assistant' } as const;
const labelled = ({ role, content }: ChatMessage) => `${labels[role]}: ${content}\n\n`;
const replyLabel = `${labels.assistant}:`;

/** A conversation as one text, for the completions API. */
function transcriptOf(messages: readonly ChatMessage[]): string {
  return messages.map(labelled).join('') + replyLabel;
}

/**
 * Lengths of every turn. Each message is counted once and the counts are added up: chat templates
 * put special tokens between messages, which no token reaches across.
 */
async function rowsOf(
  turns: readonly Turn[],
  chosen: ReadonlySet<number>,
  salt: string,
  how: { counter: TokenCounter | null; chat: boolean; overhead: PromptOverhead },
): Promise<(DatasetRow | null)[]> {
  const { chat, overhead } = how;
  const texts: string[] = [salt, chat ? '' : replyLabel];
  const firstText = new Map<Turn['conversation'], number>();
  const lastOf = new Map<Turn['conversation'], Turn>();
  turns.forEach((turn, i) => {
    if (chosen.has(i)) lastOf.set(turn.conversation, turn);
  });
  for (const [conversation, last] of lastOf) {
    firstText.set(conversation, texts.length);
    for (const message of turnMessages(last)) {
      texts.push(chat ? message.content : labelled(message));
    }
  }
  const replies = new Map<number, number>();
  turns.forEach(({ conversation, reply }, i) => {
    if (!chosen.has(i)) return;
    replies.set(i, texts.length);
    texts.push(conversation.messages[reply]?.value ?? '');
  });
  const counts = await countTexts(texts, how.counter);
  const fixed = (counts[0] ?? 0) + (counts[1] ?? 0) + overhead.promptTokens;
  return turns.map((turn, i) => {
    const { conversation, human } = turn;
    const reply = replies.get(i);
    if (reply === undefined) return null;
    const from = firstText.get(conversation) ?? 0;
    const own = counts.slice(from, from + human + 1).reduce((total, count) => total + count, 0);
    return {
      inputTokens: Math.max(1, fixed + own + contextTokens(turn, overhead)),
      outputTokens: Math.max(1, counts[reply] ?? 1),
    };
  });
}

/** What the chat template puts around the messages before the last. */
function contextTokens(turn: Turn, { messageTokens }: PromptOverhead): number {
  return turnMessages(turn)
    .slice(0, -1)
    .reduce((sum, { role }) => sum + messageTokens[role], 0);
}

async function countTexts(
  texts: readonly string[],
  counter: TokenCounter | null,
): Promise<number[]> {
  if (counter === null) return texts.map((text) => Math.ceil(text.length / charactersPerToken));
  const counts: number[] = [];
  for (let i = 0; i < texts.length; i += textsPerCount) {
    counts.push(...(await counter.count(texts.slice(i, i + textsPerCount))));
  }
  return counts;
}
