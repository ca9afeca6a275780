import { createRegistry } from '../../core/index.ts';
import type { Probe } from '../probe.ts';
import { cacheProbe } from './cache.ts';
import { cancelProbe } from './cancel.ts';
import { chunksProbe } from './chunks.ts';
import { errorProbe } from './error.ts';
import { fieldProbe } from './field.ts';
import { lengthProbe } from './length.ts';
import { pagesProbe } from './pages.ts';
import { queueProbe } from './queue.ts';
import { samplingProbe } from './sampling.ts';
import { streamProbe } from './stream.ts';
import { usageProbe } from './usage.ts';

/** Every family of rows, in the order of the table. A new one is a file here and a line in this list. */
export const probes = createRegistry<Probe>('conformance family', [
  pagesProbe,
  streamProbe,
  chunksProbe,
  usageProbe,
  lengthProbe,
  samplingProbe,
  fieldProbe,
  errorProbe,
  cacheProbe,
  queueProbe,
  cancelProbe,
]);
