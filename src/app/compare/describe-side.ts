import type { Envelope } from '../../model/index.ts';

/** `llama.cpp b6000, smollm2-135m @ Q4_1: --threads 1` */
export function describeRunSide(envelope: Envelope, own: string): string {
  const { engine, model, target } = envelope;
  const name = engine.id === null ? target.url : `${engine.id} ${engine.version ?? ''}`.trim();
  const where = engine.started || engine.id === null ? '' : ` at ${target.url}`;
  const quant = model.quant ?? model.quantAsked;
  const served = `${model.served ?? model.asked}${quant === null ? '' : ` @ ${quant}`}`;
  // An endpoint's own text is its URL, which is there already.
  const text = own.replaceAll(/https?:\/\/\S+/g, '').trim();
  return `${name}${where}, ${served}${text === '' ? '' : `: ${text}`}`;
}
