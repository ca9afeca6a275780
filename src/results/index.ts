export * from './atomic-file.ts';
export * from './file-hashes.ts';
export * from './json-schemas.ts';
export * from './read-envelope.ts';
export * from './read-levels.ts';
export * from './run-id.ts';
export * from './run-writer.ts';
