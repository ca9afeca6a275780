import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Case } from './case.ts';
import { sandboxIsolationCases } from './sandbox-isolation-cases.ts';
import { sandboxLimitCases } from './sandbox-limit-cases.ts';
import {
  assertGone,
  python,
  type Rig,
  runRig,
  type SandboxSubject,
  shell,
  startRig,
  until,
} from './sandbox-rig.ts';

/** Leaves session, group and parent, says so, and is deaf. */
const daemon = `
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        os.close(1); os.close(2)
        open('daemon', 'w').write('up')
        while True: time.sleep(1)
    os._exit(0)
while not os.path.exists('daemon'): time.sleep(0.01)
`;
const forever = 'while :; do sleep 1; done';

const basics: readonly Case<SandboxSubject>[] = [
  {
    name: 'has an id and a title, and can be used here',
    async run({ sandbox, context }) {
      assert.match(sandbox.id, /^[a-z][a-z-]*$/);
      assert.match(sandbox.title, /\S/);
      assert.equal(await sandbox.available(context), null);
    },
  },
  {
    name: 'runs a program in its workspace, which is written, and tells its exit code',
    async run(subject) {
      const run = await runRig(subject, shell('echo written >here; exit 7'));
      assert.equal(run.code, 7);
      assert.deepEqual(run.receipt.exit, { code: 7, signal: null });
      assert.equal(run.receipt.how, 'already-exited');
      assert.equal(readFileSync(join(run.workspace, 'here'), 'utf8'), 'written\n');
      assert.equal(run.receipt.sandbox, subject.sandbox.id);
      assert.equal(run.receipt.isolated, subject.sandbox.isolates);
    },
  },
  {
    name: 'starts a program by a tracer of this machine, and ends both',
    async run(subject) {
      const seen = join(mkdtempSync(join(subject.folder, 'tracer-')), 'seen');
      // Stays, as a tracer does, with all that it was given open.
      const script = 'echo up >"$0"; "$@"; exit $?';
      const tracer = ['/bin/sh', '-c', script, seen];
      const run = await runRig(subject, shell('echo traced; exit 7'), { tracer });
      assert.equal(run.code, 7);
      assert.equal(run.text, 'traced\n');
      assert.equal(readFileSync(seen, 'utf8'), 'up\n');
      const rig = await startRig(subject, shell(`echo up; ${forever}`), { tracer });
      await until('it is up', () => rig.logText().includes('up'));
      assertGone(rig, await rig.stop());
    },
  },
  {
    name: 'passes the environment it is given, and nothing of ours',
    async run(subject) {
      const env = { ...subject.context.env, SECRET_KEY: 'ours' };
      const { text } = await runRig(
        { ...subject, context: { ...subject.context, env } },
        shell('echo "[$SECRET_KEY] $GIVEN"; cd "$HOME" && echo home >x && cat x; env'),
        { env: { GIVEN: 'a b' } },
      );
      assert.match(text, /^\[\] a b\nhome\n/);
      assert.ok(!text.includes('SECRET_KEY'), text);
    },
  },
  {
    name: 'shows what is mounted at the place it tells, and Unix sockets too',
    async run(subject) {
      const { sandbox, folder } = subject;
      const from = join(mkdtempSync(join(folder, 'mounted-')), 'given');
      mkdirSync(from);
      mkdirSync(join(from, 'deep'));
      writeFileSync(join(from, 'deep', 'file'), 'seen');
      const mount = { from, to: '/deep/down/given' };
      const server = createServer((socket) => socket.end('answer'));
      const socket = join(from, 'socket');
      await new Promise<void>((resolve) => server.listen(socket, resolve));
      chmodSync(socket, 0o666);
      const ask = `
import os, socket
print(open(os.environ['AT'] + '/deep/file').read())
s = socket.socket(socket.AF_UNIX); s.connect(os.environ['AT'] + '/socket')
print(s.recv(100).decode())`;
      const { text } = await runRig(subject, python(ask), {
        readOnly: [mount],
        env: { AT: sandbox.placeOf(mount) },
      });
      server.close();
      assert.equal(text, 'seen\nanswer\n');
    },
  },
  {
    name: 'keeps both outputs, but no more than the log may hold',
    async run(subject) {
      const both = await runRig(subject, shell('echo one; echo two >&2'));
      assert.deepEqual(both.text.trim().split('\n').toSorted(), ['one', 'two']);
      const program = shell('head -c 3000000 /dev/zero | tr "\\0" x; exit 3');
      const dir = mkdtempSync(join(subject.folder, 'log-'));
      const log = { path: join(dir, 'log'), maxBytes: 1000 };
      const rig = await startRig(subject, program, { log });
      assert.equal((await rig.sandboxed.exited).code, 3);
      assertGone(rig, await rig.stop());
      const text = readFileSync(log.path, 'utf8');
      assert.match(text, /^x{1000}\n\[more than 1000 bytes/);
      assert.ok(text.length < 1200);
    },
  },
  {
    name: 'ends a program that obeys, and says so',
    async run(subject) {
      const obeys = `trap 'echo bye; exit 0' TERM; echo up; ${forever}`;
      const rig = await startRig(subject, shell(obeys));
      await until('up', () => rig.logText().includes('up'));
      assert.ok(!rig.sandboxed.hasExited());
      const pid = rig.sandboxed.pid();
      assert.ok(pid !== null && rig.marked().includes(pid), 'its pid is that of the program');
      assert.ok(rig.sandboxed.members().includes(pid));
      const receipt = await rig.stop(30_000);
      assert.equal(receipt.how, 'terminated');
      assert.match(rig.logText(), /bye/);
      assertGone(rig, receipt);
    },
  },
  {
    name: 'counts nothing as ended by force when a program obeyed',
    async run(subject) {
      const obedient = `
import os, signal
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
print('up', flush=True)
signal.pause()`;
      // What holds the program may outlive it by a moment, now and then.
      for (let turn = 0; turn < 25; turn++) {
        const rig = await startRig(subject, python(obedient));
        await until('up', () => rig.logText().includes('up'));
        const { sweptPids } = await rig.stop(30_000);
        assert.deepEqual(sweptPids, [], `turn ${turn}`);
      }
    },
  },
  {
    name: 'kills a program that does not obey, with its children',
    async run(subject) {
      const deaf = `trap '' TERM; sleep 1000 & echo up; ${forever}`;
      const rig = await startRig(subject, shell(deaf));
      await until('up', () => rig.logText().includes('up'));
      const receipt = await rig.stop(200);
      assert.equal(receipt.how, 'killed');
      assertGone(rig, receipt);
    },
  },
  {
    name: 'ends what has left session, group and parent, beside the program',
    async run(subject) {
      const rig = await startRig(subject, python(`${daemon}\nwhile True: time.sleep(1)`));
      await until('the daemon', () => existsSync(join(rig.workspace, 'daemon')));
      await until('two processes', () => rig.marked().length >= 2);
      assertGone(rig, await rig.stop(200));
    },
  },
  {
    name: 'ends what has left session, group and parent, after the program',
    async run(subject) {
      const rig = await startRig(subject, python(daemon));
      await rig.sandboxed.exited;
      assert.ok(existsSync(join(rig.workspace, 'daemon')), 'there was one');
      assertGone(rig, await rig.stop());
    },
  },
  {
    name: 'says how many it found alive, and how many outlived the program',
    async run(subject) {
      const up = (rig: Rig) => until('up', () => rig.logText().includes('up'));
      const alone = await runRig(subject, shell('exit 0'));
      // The program and a child: told to end, the program obeys, and its child does not care.
      const obeys = shell(`trap 'exit 0' TERM; setsid sleep 1000 & echo up; wait`);
      const told = await startRig(subject, obeys);
      await up(told);
      const ended = await told.stop(30_000);
      assert.equal(ended.how, 'terminated');
      assert.equal(ended.aliveAtStop, 2);
      assertGone(told, ended);
      // Two that are left behind.
      const leaves = shell('setsid sleep 1000 & setsid sleep 1000 & echo up; exit 0');
      const left = await startRig(subject, leaves);
      await left.sandboxed.exited;
      const found = await left.stop();
      assert.equal(found.how, 'already-exited');
      assertGone(left, found);
      if (subject.sandbox.isolates) {
        assert.equal(alone.receipt.aliveAtStop, 0);
        assert.equal(ended.sweptPids.length, 1);
        assert.deepEqual([found.aliveAtStop, found.sweptPids.length], [2, 2]);
        assert.equal(found.endedBy, 'pid-namespace');
      } else {
        // Of a plain program they have lost their parent, or are gone, before anybody can count.
        assert.deepEqual([alone.receipt.aliveAtStop, found.aliveAtStop], [null, null]);
      }
    },
  },
  {
    name: 'ends a program whose time is up',
    async run(subject) {
      const rig = await startRig(subject, shell(`trap '' TERM; ${forever}`), { timeLimitMs: 300 });
      await rig.sandboxed.exited;
      const receipt = await rig.stop();
      assert.ok(receipt.timedOut);
      assertGone(rig, receipt);
      const early = await runRig(subject, shell('exit 0'), { timeLimitMs: 100_000 });
      assert.ok(!early.receipt.timedOut);
    },
  },
  {
    name: 'can be stopped twice, also at once',
    async run(subject) {
      const rig = await startRig(subject, shell(forever));
      const both = await Promise.all([rig.stop(100), rig.stop(100)]);
      for (const receipt of [...both, await rig.stop()]) assertGone(rig, receipt);
    },
  },
];

/** What every sandbox has to keep; those of isolation do not apply to one that does not isolate. */
export const sandboxCases: readonly Case<SandboxSubject>[] = [
  ...basics,
  ...sandboxLimitCases,
  ...sandboxIsolationCases,
];
