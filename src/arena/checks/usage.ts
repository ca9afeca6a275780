import { always, type Check, fail, flag, notRun, pass } from './check.ts';
import { percent, sum } from './numbers.ts';

/** Text encoded again is some percent off what was sampled; more than this is no rounding. */
const inflated = 1.25;
const odd = 0.02;

/** Tokens that the server claims against those in what it sent. */
export const usage: Check = {
  id: 'usage',
  kind: 'integrity',
  required: always,
  open: () => ({
    async verdict({ all, countOutput }) {
      const told = all.filter((one) => one.outcome === 'ok' && one.claimedOutputTokens !== null);
      const ended = all.filter((one) => one.outcome === 'ok');
      if (ended.length === 0) return notRun('no answer ended well');
      if (told.length === 0) return pass('the server claims nothing; tokens are counted here');
      const own = sum(await countOutput(told));
      const claimed = sum(told.map((one) => one.claimedOutputTokens ?? 0));
      const prompts = sum(told.map((one) => one.ask.inputTokens));
      const claimedPrompts = sum(told.map((one) => one.claimedInputTokens ?? one.ask.inputTokens));
      const figures = `${told.length} answers: claimed ${claimed} tokens, counted ${own}; prompts claimed ${claimedPrompts}, sent ${prompts}`;
      if (own === 0 || claimed / own > inflated) return fail(figures);
      const off = Math.max(Math.abs(claimed / own - 1), Math.abs(claimedPrompts / prompts - 1));
      return off > odd ? flag(`${figures} (${percent(off)} off)`) : pass(figures);
    },
  }),
};
