import { Option } from 'commander';

/** For shell completion; loading the tools to ask them would cost every start-up. */
const peerIds = ['vllm', 'aiperf'];

/** Not `choices`: an unknown tool gets an error of its own. */
export function definitionsOption(): Option {
  const option = new Option(
    '--definitions <tool>',
    'recompute by the rules of another load generator: vllm or aiperf',
  );
  option.argChoices = [...peerIds];
  return option;
}
