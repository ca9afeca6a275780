import { join } from 'node:path';
import { openWorkspaceDisk, type SandboxMount } from '../../sandbox/index.ts';
import { makeEnginesFolder } from '../phase/engines-folder.ts';
import { trialFile } from '../trial/read-trial.ts';
import type { TrialSetup } from './trial-setup.ts';

/** What the trial was asked for, where a command has written it. */
export const orderFile = 'order.json';

/** Where what lies inside the trial's folder. Only the workspace and `agent` are shown inside. */
export const places = (folder: string) => ({
  order: join(folder, orderFile),
  workspace: join(folder, 'workspace'),
  agent: join(folder, 'agent'),
  engines: join(folder, 'engines'),
  states: join(folder, 'states'),
  starts: join(folder, 'starts.jsonl'),
  submission: join(folder, 'submission'),
  last: join(folder, 'last'),
  judge: join(folder, 'judge'),
  secret: join(folder, 'secret'),
  used: join(folder, 'used.json'),
  agentLog: join(folder, 'agent.log'),
  trial: join(folder, trialFile),
});

/** Opens the workspace, with what is in it. */
export const openDisk = ({ ctx, folder, diskBytes }: TrialSetup) =>
  openWorkspaceDisk(ctx, places(folder).workspace, diskBytes);

export const workspaceMount = ({ folder }: TrialSetup): SandboxMount => ({
  from: places(folder).workspace,
  to: '/workspace',
});
export const agentMount = ({ folder }: TrialSetup): SandboxMount => ({
  from: places(folder).agent,
  to: '/agent',
});

export const enginesFor = ({ folder, python, engines, sandbox }: TrialSetup) =>
  makeEnginesFolder(places(folder).engines, { python, engines, placeOf: sandbox.placeOf });
