export { resolveSides } from './resolve-sides.ts';
export { commonKeys, compareOptions } from './table.ts';
