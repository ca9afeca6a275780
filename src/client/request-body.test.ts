import { describe, expect, it } from 'vitest';
import { addressOf, headersOf, secretsOf } from './client-target.ts';
import { type BodyTarget, buildBody } from './request-body.ts';

const target: BodyTarget = {
  api: 'chat',
  model: 'm',
  extraBody: {},
  temperature: 0,
  ignoreEos: true,
  includeUsage: true,
  continuousUsage: true,
  droppedFields: [],
};
const planned = { outputTokens: 16 };

describe('the request body', () => {
  it('of a chat', () => {
    expect(buildBody(target, planned, 'hi')).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'hi' }],
      stream: true,
      max_tokens: 16,
      temperature: 0,
      ignore_eos: true,
      stream_options: { include_usage: true, continuous_usage_stats: true },
    });
  });

  it('of a completion with nothing optional', () => {
    const plain: BodyTarget = {
      ...target,
      api: 'completions',
      ignoreEos: false,
      includeUsage: false,
      continuousUsage: false,
    };
    expect(buildBody(plain, planned, 'hi')).toEqual({
      model: 'm',
      prompt: 'hi',
      stream: true,
      max_tokens: 16,
      temperature: 0,
    });
  });

  it('asks for min_tokens where ignore_eos is rejected', () => {
    const body = buildBody({ ...target, droppedFields: ['ignore_eos'] }, planned, 'hi');
    expect(body).toMatchObject({
      min_tokens: planned.outputTokens,
      max_tokens: planned.outputTokens,
    });
    expect(body).not.toHaveProperty('ignore_eos');
    expect(buildBody(target, planned, 'hi')).not.toHaveProperty('min_tokens');
  });

  it('sends a conversation as it is to a chat', () => {
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
      { role: 'user', content: 'c' },
    ] as const;
    expect(buildBody({ ...target, api: 'chat' }, planned, messages)).toMatchObject({ messages });
  });

  it.each<[string[], string[]]>([
    [['ignore_eos', 'min_tokens'], ['ignore_eos']],
    [['stream_options'], ['stream_options']],
    [['temperature'], ['temperature']],
    [['stream_options.include_usage', 'stream_options.continuous_usage_stats'], ['stream_options']],
    [['max_tokens', 'max_completion_tokens'], ['max_tokens']],
  ])('leaves out what the server rejects: %j', (droppedFields, gone) => {
    const full = Object.keys(buildBody(target, planned, 'hi'));
    const body = buildBody({ ...target, droppedFields }, planned, 'hi');
    expect(Object.keys(body)).toEqual(full.filter((key) => !gone.includes(key)));
  });

  it('drops one stream option alone', () => {
    const body = buildBody(
      { ...target, droppedFields: ['stream_options.continuous_usage_stats'] },
      planned,
      'hi',
    );
    expect(body['stream_options']).toEqual({ include_usage: true });
  });

  it('names the limit as newer APIs do, when the old name was rejected or the new one is given', () => {
    expect(buildBody({ ...target, droppedFields: ['max_tokens'] }, planned, '')).toMatchObject({
      max_completion_tokens: 16,
    });
    const given = buildBody({ ...target, extraBody: { max_completion_tokens: 5 } }, planned, '');
    expect(given).toMatchObject({ max_completion_tokens: 5 });
    expect(given).not.toHaveProperty('max_tokens');
  });

  it('merges the extra body last, stream options one level deep', () => {
    const extraBody = { temperature: 0.7, seed: 1, stream_options: { include_usage: false, x: 1 } };
    expect(buildBody({ ...target, extraBody }, planned, '')).toMatchObject({
      temperature: 0.7,
      seed: 1,
      stream_options: { include_usage: false, continuous_usage_stats: true, x: 1 },
    });
  });
});

describe('the target', () => {
  it.each([
    ['http://h:1/v1', 'http://h:1', '/v1', '/v1/chat/completions'],
    ['http://h:1/v1/', 'http://h:1', '/v1', '/v1/chat/completions'],
    ['https://h/p/v1?key=2', 'https://h', '/p/v1', '/p/v1/chat/completions?key=2'],
    ['http://h', 'http://h', '', '/chat/completions'],
  ])('%s', (url, origin, basePath, generatePath) => {
    expect(addressOf({ url, api: 'chat' })).toEqual({ origin, basePath, generatePath });
  });

  it.each(['localhost:80/v1', 'ftp://h/v1', ''])('refuses "%s"', (url) => {
    expect(() => addressOf({ url, api: 'chat' })).toThrow(
      expect.objectContaining({ code: 'USAGE_ENDPOINT' }),
    );
  });

  it('sends credentials of the URL, and keeps every secret secret', () => {
    const own = {
      url: 'http://user:p%40ss@h/v1',
      headers: { 'X-Api-Key': 'k-123456', Accept: 'x' },
    };
    expect(headersOf(own)).toMatchObject({
      authorization: `Basic ${btoa('user:p@ss')}`,
      accept: 'x',
      'x-api-key': 'k-123456',
    });
    expect(secretsOf(own)).toEqual(expect.arrayContaining([btoa('user:p@ss'), 'p@ss', 'k-123456']));
    expect(secretsOf({ url: 'http://h', headers: { Authorization: 'Bearer abc-def' } })).toContain(
      'abc-def',
    );
  });
});
