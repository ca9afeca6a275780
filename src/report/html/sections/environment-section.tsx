import type { Envelope, Selftest } from '../../../model/index.ts';
import { formatBytes, formatNumber, formatShare } from '../../format.ts';
import { reproduceCommand, shellQuote } from '../../identity.ts';

type Fact = readonly [string, string | number | null | undefined];

/** Where and how it was measured, and how to measure it again. */
export function EnvironmentSection({ envelope }: { envelope: Envelope }) {
  const { engine } = envelope;
  return (
    <section aria-labelledby="environment-heading">
      <h2 id="environment-heading">How it was measured</h2>
      <div class="facts">
        {factGroups(envelope).map(([title, facts]) => (
          <div>
            <h3>{title}</h3>
            <dl>
              {facts.map(([name, value]) => (
                <div>
                  <dt>{name}</dt>
                  <dd>
                    {value === null || value === undefined || value === '' ? 'unknown' : value}
                  </dd>
                </div>
              ))}
            </dl>
          </div>
        ))}
      </div>
      {engine.commandLine && (
        <Command title="Engine command line" text={engine.commandLine.map(shellQuote).join(' ')} />
      )}
      <Command title="Run it again" text={reproduceCommand(envelope)} />
      <details class="more">
        <summary>Settings as resolved</summary>
        <pre tabIndex={0}>{JSON.stringify(envelope.command.resolved, null, 2)}</pre>
      </details>
    </section>
  );
}

function Command({ title, text }: { title: string; text: string }) {
  return (
    <div class="command">
      <h3>{title}</h3>
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}

function factGroups(envelope: Envelope): readonly (readonly [string, readonly Fact[]])[] {
  const { model, engine, target, hardware, environment: env, client, workload, tool } = envelope;
  const ms = (value: number | null) => (value === null ? null : `${formatNumber(value)} ms`);
  const yesNo = (value: boolean | null) => (value === null ? null : value ? 'yes' : 'no');
  const gpus = env.gpus.map(({ name, memoryBytes, driver }) =>
    [name, memoryBytes === null ? '' : formatBytes(memoryBytes), driver ?? ''].join(' ').trim(),
  );
  const settings = Object.entries(engine.settings).map(
    ([name, value]): Fact => [name, typeof value === 'string' ? value : JSON.stringify(value)],
  );
  return [
    [
      'Model',
      [
        ['Asked', model.asked],
        ['Served as', model.served],
        ['Quantisation', model.quant ?? model.quantAsked],
        ['File', model.file && `${model.file.path} (${formatBytes(model.file.bytes)})`],
        ['SHA-256', model.file?.sha256],
        ['Context, tokens', target.maxModelTokens],
      ],
    ],
    [
      'Engine',
      [
        ['Engine', engine.id],
        ['Version', engine.version],
        ['Started by this run', yesNo(engine.started)],
        ['API', `${target.url} (${target.api})`],
        ['Slots', target.slots],
        ['Ready after', ms(envelope.coldStart.readyMs)],
        ['First request', ms(envelope.coldStart.firstRequestMs)],
        ...(target.droppedFields.length > 0
          ? [['Fields it rejected', target.droppedFields.join(', ')] as const]
          : []),
        ...settings.slice(0, 12),
      ],
    ],
    [
      'Workload',
      [
        ['Data', workload.dataset],
        ['Input tokens', workload.inputTokens],
        ['Output tokens', workload.outputTokens],
        ['Output length enforced', yesNo(workload.ignoreEos)],
        ['Temperature', workload.temperature],
        ['Prefix cache', workload.prefixCache],
        ['Seed', envelope.seed],
      ],
    ],
    [
      'Machine',
      [
        ['Hardware', hardware.detected],
        ['CPU', `${env.cpuModel}, ${env.cpuCount} cores`],
        ['Memory', formatBytes(env.memoryBytes)],
        ['GPU', gpus.length === 0 ? 'none found' : gpus.join('; ')],
        ['System', `${env.os} ${env.kernel} ${env.arch}`],
        ['Container', yesNo(env.container)],
        ['Load before the run', env.loadAverage1],
      ],
    ],
    [
      'Client',
      [
        ['Verdict', client.verdict === null ? null : `${client.verdict}: ${client.reason}`],
        ['Own error p99, TTFT', ms(client.errorMs?.ttft ?? null)],
        ['Own error p99, ITL', ms(client.errorMs?.itl ?? null)],
        ['Selftest here', selftestLine(client.selftest)],
        ['Transport', client.transport],
        ['Tokens checked by', client.tokenizer],
        ['Shares the host', yesNo(client.sharesHost)],
        ['CPU', client.cpuShare === null ? null : formatShare(client.cpuShare)],
        ['Send lag p99', ms(client.dispatchLagP99Ms)],
        ['Event loop delay p99', ms(client.eventLoopDelayP99Ms)],
        ['Longest GC pause', ms(client.gcMaxPauseMs)],
      ],
    ],
    [
      'Run',
      [
        ['Started', envelope.startedAt],
        ['Ended', envelope.endedAt],
        ['Tool', `inferencebench ${tool.version}, Node ${tool.node}`],
        [
          'Tool commit',
          tool.gitCommit && `${tool.gitCommit.slice(0, 12)}${tool.gitDirty ? ' (modified)' : ''}`,
        ],
        ['Exit code', envelope.exitCode],
        ...Object.entries(env.versions).map((entry): Fact => entry),
      ],
    ],
  ];
}

function selftestLine(selftest: Selftest | null): string | null {
  if (selftest === null) return 'none; bench selftest measures it';
  const max = selftest.maxTokensPerS;
  const kept = max === null ? 'kept up at no level' : `keeps up with ${max} tok/s`;
  return `${kept} (${selftest.transport}, ${selftest.at.slice(0, 10)})`;
}
