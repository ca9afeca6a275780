import { describe, it } from 'vitest';
import { peerTools } from '../metrics/index.ts';
import { peerCases } from './peer-cases.ts';

describe.each(peerTools.list())('the rules of $id', (tool) => {
  it.each(peerCases)('$name', ({ run }) => run(tool));
});
