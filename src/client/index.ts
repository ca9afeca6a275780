export { isJsonObject, readChoice } from './chunk-fields.ts';
export * from './client-target.ts';
export { createSender, type Transport } from './create-sender.ts';
export {
  createExchanger,
  type Exchange,
  type ExchangeAsk,
  type Exchanger,
  type WireEvent,
} from './exchange.ts';
export { createFileTokenCounter } from './file-token-counter.ts';
export type { OutputText, PackedText } from './output-text.ts';
export * from './probe-target.ts';
export {
  createPromptCounter,
  createUsageCounter,
  type Prompt,
  type PromptCounter,
} from './prompt-counter.ts';
export { proxyFromEnv } from './proxy-tunnel.ts';
export { buildBody } from './request-body.ts';
export * from './request-recorder.ts';
export * from './resolve-tokens.ts';
export {
  detailsOf,
  limitsOfReply,
  packedTextOf,
  rememberLater,
  rememberSent,
  type SentDetails,
} from './sent-details.ts';
export { parseJson } from './server-message.ts';
export { createServerTokenCounter } from './server-token-counter.ts';
export * from './sse-parser.ts';
export * from './stream-interpreter.ts';
export type { StreamReader } from './stream-reader.ts';
export * from './undici-sender.ts';
export { type UsageCounts, usageCounts } from './usage-reader.ts';
