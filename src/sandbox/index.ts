export type {
  LimitReport,
  Sandbox,
  Sandboxed,
  SandboxLimits,
  SandboxMount,
  SandboxOptions,
  SandboxReceipt,
} from './sandbox.ts';
