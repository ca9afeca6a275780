/**
 * Loaded into every thread of a program (NODE_OPTIONS): takes up its files once an I/O thread has made
 * so many sockets, all but a few. What the program needs before that, its modules above all, is not
 * short of files, however much it is. The files are given back when the thread ends.
 */
import { subscribe } from 'node:diagnostics_channel';
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { env } from 'node:process';
import { workerData } from 'node:worker_threads';

const fromSocket = Number(env.FEW_FILES_FROM_SOCKET);
const left = Number(env.FEW_FILES_LEFT);
let sockets = 0;

function takeFiles() {
  const taken = [];
  try {
    for (;;) taken.push(openSync(devNull, 'r'));
  } catch (error) {
    if (error.code !== 'EMFILE') throw error;
  }
  for (const file of taken.slice(0, left)) closeSync(file);
}

// Not any thread: the loader of TypeScript has one with a socket, too.
if (/^io-\d+$/.test(workerData?.name)) {
  subscribe('net.client.socket', () => {
    // The loader of TypeScript talks to its parent through a socket of its own in each thread.
    if (/[\\/]tsx[\\/]dist[\\/]/.test(new Error('where').stack ?? '')) return;
    sockets++;
    if (sockets === fromSocket) takeFiles();
  });
}
