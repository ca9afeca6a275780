export * from './arrivals/registry.ts';
export * from './datasets/dataset.ts';
export * from './datasets/registry.ts';
export * from './length-pairs.ts';
export * from './lengths.ts';
export * from './plan.ts';
