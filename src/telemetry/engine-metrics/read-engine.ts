import type { EngineReading } from '../../model/index.ts';
import { type EngineSource, readPage } from './find-source.ts';
import { readReading } from './read-page.ts';

/** One look at an engine's metrics. @throws Error when a page cannot be had or read */
export async function readEngine({ pages, family }: EngineSource): Promise<EngineReading> {
  const texts = await Promise.all(pages.map((page) => page.get()));
  return readReading(family, texts.flatMap(readPage));
}
