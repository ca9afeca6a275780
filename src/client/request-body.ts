import type { ChatMessage, PlannedRequest } from '../model/index.ts';
import type { ClientTarget } from './client-target.ts';

export type BodyTarget = Pick<
  ClientTarget,
  | 'api'
  | 'model'
  | 'extraBody'
  | 'temperature'
  | 'ignoreEos'
  | 'includeUsage'
  | 'continuousUsage'
  | 'droppedFields'
>;

/**
 * The JSON body of one streamed request. `droppedFields` are left out; `min_tokens` stands in for a
 * dropped `ignore_eos`; a dropped `max_tokens`
 * of a chat is sent as `max_completion_tokens`, the name that newer APIs ask for. Fields of
 * `extraBody` win over all of that.
 */
export function buildBody(
  target: BodyTarget,
  planned: Pick<PlannedRequest, 'outputTokens'>,
  prompt: string | readonly ChatMessage[],
): Record<string, unknown> {
  const dropped = new Set(target.droppedFields);
  const chat = target.api === 'chat';
  const body: Record<string, unknown> = {
    model: target.model,
    ...(chat ? { messages: messagesOf(prompt) } : { prompt: textOf(prompt) }),
    stream: true,
  };
  const extraLimit = 'max_completion_tokens' in target.extraBody;
  const limitDropped = chat && dropped.has('max_tokens') && !dropped.has('max_completion_tokens');
  if (limitDropped) body['max_completion_tokens'] = planned.outputTokens;
  else if (!extraLimit && !dropped.has('max_tokens')) body['max_tokens'] = planned.outputTokens;
  if (!dropped.has('temperature')) body['temperature'] = target.temperature;
  if (target.ignoreEos && !dropped.has('ignore_eos')) body['ignore_eos'] = true;
  else if (target.ignoreEos && !dropped.has('min_tokens')) {
    body['min_tokens'] = planned.outputTokens;
  }
  const { stream_options: extraOptions, ...extra } = target.extraBody;
  const options = {
    ...streamOptions(target, dropped),
    ...(typeof extraOptions === 'object' ? extraOptions : {}),
  };
  if (Object.keys(options).length > 0) body['stream_options'] = options;
  return { ...body, ...extra };
}

const messagesOf = (prompt: string | readonly ChatMessage[]) =>
  typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : prompt;

/** Only a chat has messages; whoever plans for another API has made a text of them. */
const textOf = (prompt: string | readonly ChatMessage[]) =>
  typeof prompt === 'string' ? prompt : prompt.map(({ content }) => content).join('\n\n');

function streamOptions(target: BodyTarget, dropped: ReadonlySet<string>): Record<string, boolean> {
  const options: Record<string, boolean> = {};
  if (dropped.has('stream_options')) return options;
  if (target.includeUsage && !dropped.has('stream_options.include_usage')) {
    options['include_usage'] = true;
  }
  if (target.continuousUsage && !dropped.has('stream_options.continuous_usage_stats')) {
    options['continuous_usage_stats'] = true;
  }
  return options;
}
