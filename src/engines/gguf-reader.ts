import type { FileHandle } from 'node:fs/promises';
import { BenchError } from '../core/index.ts';

/** Sequential reads through a window; headers are a few megabytes of mostly vocabulary. */
export class GgufReader {
  readonly #handle: FileHandle;
  readonly #path: string;
  #window = Buffer.alloc(0);
  #at = 0;
  #fileOffset = 0;

  constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
  }

  async take(length: number): Promise<Buffer> {
    // A wild length in a broken file must not become a wild allocation.
    if (length > 64 << 20) throw this.error(`a value of ${length} bytes`);
    if (this.#window.length - this.#at < length) await this.#fill(length);
    const bytes = this.#window.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }

  async skip(length: number): Promise<void> {
    const inWindow = Math.min(length, this.#window.length - this.#at);
    this.#at += inWindow;
    this.#fileOffset += length - inWindow;
  }

  async text(length: number): Promise<string> {
    return (await this.take(length)).toString('utf8');
  }

  async string(): Promise<string> {
    return this.text(await this.uint64());
  }

  async uint32(): Promise<number> {
    return (await this.take(4)).readUInt32LE();
  }

  async uint64(): Promise<number> {
    return Number((await this.take(8)).readBigUInt64LE());
  }

  error(reason: string): BenchError {
    return new BenchError(
      'PREREQ_MODEL_FORMAT',
      `${this.#path} is not a usable GGUF file: ${reason}.`,
      { hint: 'Fetch it again, or pass another file with --model-path.' },
    );
  }

  async #fill(length: number): Promise<void> {
    const rest = this.#window.subarray(this.#at);
    const wanted = Math.max(length, 1 << 20);
    const next = Buffer.allocUnsafe(rest.length + wanted);
    rest.copy(next);
    const { bytesRead } = await this.#handle.read(next, rest.length, wanted, this.#fileOffset);
    this.#fileOffset += bytesRead;
    this.#window = next.subarray(0, rest.length + bytesRead);
    this.#at = 0;
    if (this.#window.length < length) throw this.error('it ends inside its header');
  }
}
