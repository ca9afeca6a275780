import type { CostResult } from '../model/index.ts';
import { plainText } from './format.ts';

/** `1.84`, `0.0031`: three digits, never rounded to 0. */
export function usdText(usd: number): string {
  if (usd === 0) return '0';
  return usd >= 0.995 ? usd.toFixed(2) : String(Number(usd.toPrecision(3)));
}

/** What a million tokens cost at the headline level, by whose price and of which day. */
export function costText(cost: CostResult): string {
  const { price, usdPerMillionTokens: all, usdPerMillionOutputTokens: output } = cost;
  const per = (usd: number | null, what: string) =>
    usd === null ? [] : [`${usdText(usd)} USD per million ${what}`];
  const figures = [...per(all, 'tokens (input and output)'), ...per(output, 'output tokens alone')];
  const unit =
    price.kind === 'instance'
      ? `${usdText(price.usdPerHour)} USD an hour for ${price.item}`
      : `${price.item} at ${usdText(price.usdPerMillionInput)} / ${usdText(price.usdPerMillionOutput)} USD per million in / out`;
  const shown = figures.length === 0 ? 'not known at this level' : figures.join(', or ');
  return plainText(`${shown}; ${unit}; ${price.source}, ${price.date}`);
}
