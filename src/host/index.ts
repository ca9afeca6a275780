export * from './cpu-usage.ts';
export * from './environment.ts';
export * from './event-loop.ts';
export * from './fake-host.ts';
export * from './git-state.ts';
export * from './monotonic-clock.ts';
export * from './node-host.ts';
