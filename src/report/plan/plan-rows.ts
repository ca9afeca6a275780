import type { CapacityPlan, PlanRow } from '../../model/index.ts';
import { usdText } from '../cost-text.ts';
import { formatNumber, missing } from '../format.ts';
import { rateText } from '../identity.ts';

/** The plan's rows as text, for every medium. */
export interface PlanTable {
  head: string[];
  rows: string[][];
}

export function planTable(plan: CapacityPlan): PlanTable {
  const priced = plan.rows.some(({ usdPerHour }) => usdPerHour !== null);
  return {
    head: [
      ...['By', 'Headroom', 'Instances', 'GPUs', 'req/s each'],
      ...(priced ? ['USD/h', 'USD/M tokens'] : []),
    ],
    rows: plan.rows.map((row) => [
      basisText(row.basis),
      row.headroomShare === 0 ? 'none' : `${Number((100 * row.headroomShare).toPrecision(4))} %`,
      formatNumber(row.instances),
      formatNumber(row.gpus),
      formatNumber(row.rateEachRps),
      ...(priced ? [row.usdPerHour, row.usdPerMillionTokens].map(money) : []),
    ]),
  };
}

/** Target, maximum rate of one instance by both readings, size of an instance, price. */
export function planFacts(plan: CapacityPlan): [name: string, text: string][] {
  const { maxRate, gpusPerInstance, price, tokensPerRequest } = plan;
  const rate = ({ rateRps, reason }: CapacityPlan['maxRate']['point']) =>
    `${rateRps === null ? 'unknown' : rateText(rateRps)} (${reason})`;
  const { input, output } = tokensPerRequest;
  return [
    ['Target', `${rateText(plan.targetRps)} under ${plan.criterion}`],
    ['One instance', rate(maxRate.point)],
    ['At least', rate(maxRate.lower)],
    ['GPUs each', gpusPerInstance === null ? 'unknown' : String(gpusPerInstance)],
    ['Request', `${formatNumber(input)} tokens in, ${formatNumber(output)} out on average`],
    ...(price === null ? [] : [['Price', priceText(price)] as [string, string]]),
  ];
}

function priceText(price: NonNullable<CapacityPlan['price']>): string {
  const amount =
    price.kind === 'instance'
      ? `${usdText(price.usdPerHour)} USD an hour and instance (${price.item})`
      : `${usdText(price.usdPerMillionInput)} / ${usdText(price.usdPerMillionOutput)} USD per million tokens in / out (${price.item})`;
  return `${amount}; ${price.source}, ${price.date}`;
}

const basisText = (basis: PlanRow['basis']) => (basis === 'point' ? 'point' : 'lower bound');
const money = (usd: number | null) => (usd === null ? missing : usdText(usd));
