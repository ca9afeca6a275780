import { createRegistry } from '../../core/index.ts';
import { aiperf } from './aiperf/aiperf.ts';
import { vllm } from './vllm/vllm.ts';

/** Load generators whose definitions a result can be recomputed by; a new one is a folder and a line. */
export const peerTools = createRegistry('definitions', [vllm, aiperf]);
