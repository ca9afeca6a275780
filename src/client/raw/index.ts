export { createRawSender, type RawSender, type RawSenderDeps } from './raw-sender.ts';
export { findBadHeader } from './request-bytes.ts';
