import { ChunkKind } from '../../model/index.ts';
import type { Generation, WireChunk } from '../generation.ts';
import { chunkTokensOf, outputTokensOf } from '../output-tokens.ts';
import { type Finding, lookAtEach } from '../per-api.ts';
import type { Probe } from '../probe.ts';

/** Share of the time to the first token before which a role chunk counts as early. */
const earlyShare = 0.5;

/** What stands in the chunks of a stream. */
export const chunksProbe: Probe = {
  id: 'chunk',
  rows: [
    {
      id: 'chunk.role',
      title: 'Role in a chunk of its own',
      asked: 'the first chunks of a chat stream',
      means: {
        yes: 'The first chunk is no token: a client that stamps it may report a TTFT that is too good.',
        partial: 'Every delta names the role: that alone makes no chunk a token or none.',
        no: 'No chunk names the role alone: the first chunk bears the first token.',
      },
    },
    {
      id: 'chunk.role-early',
      title: 'Role chunk before prefill',
      asked: 'a chat with a longer prompt: when the role chunk and the first token came',
      means: {
        yes: 'A client that counts the first chunk measures the server’s accept, not its prefill.',
        no: 'The first chunk comes when the first token does.',
      },
    },
    {
      id: 'chunk.first-token',
      title: 'First token can be told',
      asked: 'the first chunk with text in a stream',
      means: {
        yes: 'TTFT ends at this chunk.',
        partial: 'TTFT ends at this chunk by one API only.',
        no: 'No chunk bears text: TTFT cannot be measured.',
      },
    },
    {
      id: 'chunk.one-token',
      title: 'One token in each chunk',
      asked: 'chunks of a stream beside its usage',
      means: {
        yes: 'Gaps between chunks are gaps between tokens.',
        partial: 'Gaps between chunks are gaps between tokens by one API only.',
        no: 'Gaps between chunks are not gaps between tokens: ITL needs running counts.',
      },
    },
    {
      id: 'chunk.empty-text',
      title: 'Tokens that come as empty text',
      asked: 'chunks without text beside the usage',
      means: {
        yes: 'A client that skips empty chunks counts too few tokens, and may report a late TTFT.',
        partial: 'By one API, a client that skips empty chunks counts too few tokens.',
        no: 'None seen: chunks with text are all the tokens.',
      },
    },
  ],
  async run(context, report) {
    if (context.apis.includes('chat')) {
      const chat = await context.ordinary('chat');
      if (context.signal.aborted) return;
      const failed: Finding | null = chat.failed === null ? null : ['unknown', chat.failed];
      report('chunk.role', ...(failed ?? roleFinding(chat)));
      if (failed !== null) report('chunk.role-early', ...failed);
      else {
        // Long enough for its prefill to be seen.
        const prompt = `${context.freshWords(60)}. Say which of these words is the longest.`;
        const longer = await context.generate({ api: 'chat', prompt, maxTokens: 4 });
        if (context.signal.aborted) return;
        report('chunk.role-early', ...earlyFinding(longer));
      }
    } else {
      report('chunk.role', 'unknown', 'there is no chat API');
      report('chunk.role-early', 'unknown', 'there is no chat API');
    }
    report('chunk.first-token', ...(await lookAtEach(context, firstTokenFinding)));
    report('chunk.one-token', ...(await lookAtEach(context, oneTokenFinding)));
    report('chunk.empty-text', ...(await lookAtEach(context, emptyTextFinding)));
  },
};

const bearsText = ({ choices }: WireChunk) => choices.some(({ text }) => text !== '');
const namesRole = ({ choices }: WireChunk) => choices.some(({ role }) => role);

function roleFinding({ chunks }: Generation): Finding {
  const naming = chunks.filter(namesRole);
  if (naming.length === 0) return ['no', 'no chunk names a role'];
  const alone = naming.filter((chunk) => !bearsText(chunk)).length;
  const withText = naming.length - alone;
  if (withText > 1)
    return ['partial', `the role is in ${naming.length} of ${chunks.length} chunks`];
  if (alone === 0) return ['no', 'the role is in the chunk of the first token'];
  return ['yes', `${alone === 1 ? 'one chunk' : `${alone} chunks`} with a role and no text`];
}

/** The role chunk is early when the same read did not bring the token, by a wide margin in time. */
function earlyFinding({ chunks, failed, firstTokenMs }: Generation): Finding {
  const role = chunks.find(namesRole);
  const first = chunks.find(bearsText);
  if (role === undefined) return ['no', 'no chunk names a role'];
  if (first === undefined || firstTokenMs === null) {
    return ['unknown', failed ?? 'no chunk with text came'];
  }
  const times = `role after ${ms(role.atMs)}, first token after ${ms(firstTokenMs)}`;
  if (role.read === first.read)
    return ['no', `in the read of the first token, after ${ms(firstTokenMs)}`];
  return role.atMs < earlyShare * firstTokenMs ? ['yes', times] : ['no', times];
}

const ms = (value: number) => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;

const fieldOf = { [ChunkKind.reasoning]: 'reasoning', [ChunkKind.tool]: 'a tool call' };

function firstTokenFinding({ chunks, exchange }: Generation): Finding {
  const at = chunks.findIndex(bearsText);
  const first = chunks[at];
  if (first === undefined) return ['no', `${chunks.length} chunks, none with text`];
  const choice = first.choices.find(({ text }) => text !== '');
  const field = fieldOf[choice?.kind as keyof typeof fieldOf] ?? 'text';
  const beside = choice?.role === true ? ', the role beside it' : '';
  const reads = exchange.reads === 1 ? ', the whole stream in one read' : '';
  return ['yes', `chunk ${at + 1} of ${chunks.length} is the first with ${field}${beside}${reads}`];
}

function oneTokenFinding(generation: Generation): Finding {
  const output = generation.usage?.output ?? null;
  const { textChunks, finish } = generation;
  if (output === null) return ['unknown', `${textChunks} chunks with text, no usage to compare`];
  const chunks = chunkTokensOf(generation);
  const evidence = `${textChunks} chunks with text, ${generation.emptyTextChunks} without, ${output} tokens by usage`;
  // The token that ends a text has none.
  const ends = finish === 'stop' ? 1 : 0;
  const fits = [textChunks, chunks].some((n) => n === output || n + ends === output);
  return [fits ? 'yes' : 'no', evidence];
}

function emptyTextFinding(generation: Generation): Finding {
  const output = generation.usage?.output ?? null;
  const { textChunks, emptyTextChunks } = generation;
  const evidence = `${textChunks} chunks with text, ${emptyTextChunks} without, ${output ?? 'no'} tokens by usage`;
  if (emptyTextChunks === 0) return ['no', evidence];
  if (output === null) return ['unknown', evidence];
  return [outputTokensOf(generation) > textChunks ? 'yes' : 'no', evidence];
}
