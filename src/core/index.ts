export * from './clock.ts';
export * from './errors.ts';
export * from './exit-codes.ts';
export * from './host.ts';
export * from './redact.ts';
export * from './registry.ts';
export * from './rng.ts';
export * from './suggest.ts';
