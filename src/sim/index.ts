export type { Agenda, AgendaEntry } from './agenda.ts';
export type { Fault, FaultInput, FaultKind } from './fault-spec.ts';
export { parseSimSpec } from './parse-sim-spec.ts';
export { hrtimeUs } from './real-agenda.ts';
export { type SimProcess, spawnSimServer } from './sim-process.ts';
export { type SimServer, type SimServerOptions, startSimServer } from './sim-server.ts';
export type { SimSpec, SimSpecInput } from './sim-spec.ts';
export type { TruthRecord } from './truth-log.ts';
export {
  createVirtualClock,
  type VirtualClock,
  type VirtualClockOptions,
} from './virtual-clock.ts';
export {
  createVirtualSender,
  type VirtualSender,
  type VirtualSenderOptions,
} from './virtual-sender.ts';
export { type WireSpec, type WireSpecInput, wirePresets } from './wire-spec.ts';
