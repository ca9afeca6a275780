// A thread of src/host/read-bandwidth.ts: reads its part of a working set, again and again.
import { parentPort, workerData } from 'node:worker_threads';

// Written, so that every page of it is there.
const part = Buffer.alloc(workerData.bytes, 1);

parentPort.on('message', (passes) => {
  let found = 0;
  // The search for a byte that is not there reads all of them, by the C library's memchr.
  for (let pass = 0; pass < passes; pass++) found += part.indexOf(0);
  parentPort.postMessage(found);
});
parentPort.postMessage('ready');
