import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { TokenCounter } from '../../../model/index.ts';
import { readTurns, turnsOf } from './read-turns.ts';
import { defineShareGpt } from './sharegpt.ts';

const dir = mkdtempSync(join(tmpdir(), 'bench-sharegpt-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const words: TokenCounter = {
  source: 'words',
  count: async (texts) => texts.map((text) => text.split(/\s+/).filter((w) => w !== '').length),
};
const talk = (id: string, ...messages: [string, string][]) => ({
  id,
  conversations: messages.map(([from, value]) => ({ from, value })),
});
const conversations = [
  talk(
    'a',
    ['human', 'What is ☕ "tea"?'],
    ['gpt', 'A drink.\n'],
    ['human', 'And 茶?'],
    ['gpt', 'The same.'],
  ),
  talk(
    'b',
    ['gpt', 'I go on.'],
    ['human', 'Yes'],
    ['gpt', ' '],
    ['human', 'More'],
    ['gpt', 'No more.'],
  ),
  talk(
    'c',
    ['system', 'Be brief.'],
    ['human', 'One'],
    ['human', 'Two'],
    ['bing', 'hm'],
    ['gpt', 'Three'],
  ),
  talk('d'),
  talk('e', ['human', 'last'], ['gpt', 'end']),
];
const text = JSON.stringify(conversations, null, 2);
const write = (name: string, content: string | Buffer) => {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
};
const whole = write('whole.json', text);
const dataset = (turnsSha256: string | null = null, limit = 100) =>
  defineShareGpt({ id: 'talks', title: 'talks', file: 'required', limit, turnsSha256 });

describe('readTurns', () => {
  it('takes each message of a human with the reply that follows, both with text', async () => {
    const { turns } = await readTurns(whole, 100);
    expect(turns.map(({ conversation, human, reply }) => [conversation.id, human, reply])).toEqual([
      ['a', 0, 1],
      ['a', 2, 3],
      ['b', 3, 4],
      ['c', 2, 4],
      ['e', 0, 1],
    ]);
  });

  it('has the hash of an independent implementation', async () => {
    // Python 3.11: sha256 over json.dumps([id, [[from, value], ...], [[human, reply], ...]],
    // ensure_ascii=False, separators=(',', ':')) + '\n' of each conversation with a turn.
    expect((await readTurns(whole, 100)).sha256).toBe(
      '4592175092da85c63603200b49ab8dee1f6ccb84b3f339edf0916aa7c98aee46',
    );
    expect((await readTurns(whole, 3)).sha256).toBe(
      '29b50bfb600076c05328e9b525629c11d35266e0103df3a3aa87f7452d02b115',
    );
  });

  it('gives the same turns of a file that is cut off behind them, even within a character', async () => {
    const three = await readTurns(whole, 3);
    const end = Buffer.from(text).indexOf('No more.') + 40;
    for (const length of [end, end + 1, end + 30]) {
      const cut = await readTurns(write('cut.json', Buffer.from(text).subarray(0, length)), 3);
      expect(cut.sha256).toBe(three.sha256);
    }
    const early = write('early.json', Buffer.from(text).subarray(0, text.indexOf('No more')));
    await expect(readTurns(early, 3)).rejects.toMatchObject({
      code: 'WORKLOAD_ROW',
      message: `${early}, conversation 1: the file ends within the array.`,
    });
  });

  it.each([
    ['{}', /no array at byte 0/],
    ['[{"id":"a"}]', /conversation 0: "conversations" is not a list/],
    ['[7]', /conversation 0: not an object/],
    [
      '[{"conversations":[]},{"conversations":[{"from":"human"}]}]',
      /conversation 1: "from" or "value" of message 0/,
    ],
    ['[{"conversations":[}]', /conversation 0: not JSON|the file ends/],
  ])('refuses %s', async (content, message) => {
    await expect(readTurns(write('bad.json', content), 9)).rejects.toMatchObject({
      code: 'WORKLOAD_ROW',
      message: expect.stringMatching(message),
    });
  });

  it('refuses what holds no turn', async () => {
    const path = write('none.json', '[{"conversations":[{"from":"gpt","value":"x"}]}]');
    await expect(readTurns(path, 9)).rejects.toMatchObject({ code: 'WORKLOAD_EMPTY' });
  });

  it('a reply after another reply answers nobody', () => {
    const messages = [
      { from: 'human', value: 'a' },
      { from: 'gpt', value: 'b' },
      { from: 'gpt', value: 'c' },
    ];
    expect(turnsOf({ id: '', messages })).toHaveLength(1);
  });
});

describe('a data set of turns', () => {
  it('sends the earlier messages as context, and asks for as much as the real reply', async () => {
    const loaded = await dataset().load({ counter: words, path: whole, chat: true, salted: false });
    const prompt = (row: number) => ({ dataset: 'talks', seed: 1, row });
    expect(loaded.messages?.(prompt(1))).toEqual([
      { role: 'user', content: 'What is ☕ "tea"?' },
      { role: 'assistant', content: 'A drink.\n' },
      { role: 'user', content: 'And 茶?' },
    ]);
    expect(loaded.messages?.(prompt(3)).map(({ role }) => role)).toEqual([
      'system',
      'user',
      'user',
    ]);
    expect(loaded.rows?.[1]).toEqual({ inputTokens: 8, outputTokens: 2 });
    expect(loaded.source).toMatchObject({ source: whole });
  });

  it('counts what a chat template puts around each message', async () => {
    const messageTokens = { system: -2, user: 5, assistant: 4 };
    const overhead = { promptTokens: 10, messageTokens };
    const loaded = await dataset().load({
      counter: words,
      path: whole,
      chat: true,
      salted: false,
      overhead,
    });
    expect(loaded.rows?.[1]?.inputTokens).toBe(8 + 10 + 5 + 4);
    // "Be brief.", "One", "Two".
    expect(loaded.rows?.[3]?.inputTokens).toBe(4 + 10 - 2 + 5);
  });

  it('makes one text of a conversation for the completions API', async () => {
    const loaded = await dataset().load({ counter: words, path: whole, salted: false });
    expect(loaded.messages).toBeUndefined();
    expect(loaded.promptText({ dataset: 'talks', seed: 1, row: 1 }, 1)).toBe(
      'User: What is ☕ "tea"?\n\nAssistant: A drink.\n\n\nUser: And 茶?\n\nAssistant:',
    );
  });

  it('puts salt in front of the first message only', async () => {
    const loaded = await dataset().load({ counter: words, path: whole, chat: true });
    const [first, second] = loaded.messages?.({ dataset: 'talks', seed: 1, row: 1 }) ?? [];
    expect(first?.content).toMatch(/^\w+ \w+\nWhat is/);
    expect(second?.content).toBe('A drink.\n');
    expect(loaded.rows?.[1]?.inputTokens).toBe(10);
  });

  it('refuses a file that is not the one it names, and offers the way for others', async () => {
    const { sha256 } = await readTurns(whole, 100);
    expect((await dataset(sha256).load({ counter: null, path: whole })).rows).toHaveLength(5);
    const other = write('other.json', readFileSync(whole, 'utf8').replace('brief', 'short'));
    await expect(dataset(sha256).load({ counter: null, path: other })).rejects.toMatchObject({
      code: 'WORKLOAD_HASH',
      hint: expect.stringContaining(`--dataset sharegpt:${other}`),
    });
  });
});
