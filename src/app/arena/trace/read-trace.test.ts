import { expect, it } from 'vitest';
import { readTrace } from './read-trace.ts';

// As strace 6.1 writes it with the options of find-tracer.ts; the second process interrupts the first.
const text = `12 1700000000.000100 execve("/bin/sh", ["/bin/sh", "-c", "exec ./start"], 0x7ffd /* 5 vars */) = 0
12 1700000000.000200 openat(AT_FDCWD</submission>, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3</etc/ld.so.cache>
12 1700000000.000300 openat(AT_FDCWD</submission>, "nothing", O_RDONLY) = -1 ENOENT (No such file or directory)
12 1700000000.000400 openat(AT_FDCWD</submission>, "model.gguf", O_RDONLY <unfinished ...>
13 1700000000.000500 execve("/usr/bin/a \\"b\\"", ["a"], 0x7ffd /* 5 vars */ <unfinished ...>
12 1700000000.000600 <... openat resumed>) = 4</model/model.gguf>
13 1700000000.000700 <... execve resumed>) = 0
13 1700000000.000800 execve("/usr/local/bin/node", ["node"], 0x7ffd /* 5 vars */) = -1 ENOENT (No such file or directory)
13 1700000000.000900 openat(AT_FDCWD</tmp>, "x", O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC, 0666) = 3</tmp/a b\\74x\\76\\303\\274.txt>
13 1700000000.001000 openat(AT_FDCWD</tmp>, "y", O_RDWR|O_CREAT, 0666) = 5</tmp/y>
13 1700000000.001100 openat(AT_FDCWD</tmp>, "y", O_RDONLY) = 6</tmp/y>
13 1700000000.001200 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 7<socket:[70]>
13 1700000000.001300 socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP) = 8<socket:[80]>
13 1700000001.500000 connect(7<socket:[70]>, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")}, 16) = -1 EINPROGRESS (Operation now in progress)
13 1700000001.600000 connect(8<socket:[80]>, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("192.0.2.2")}, 16) = 0
13 1700000001.700000 connect(7<socket:[70]>, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = -1 ENETUNREACH (Network is unreachable)
13 1700000001.800000 connect(7<socket:[70]>, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("127.0.0.1")}, 16) = 0
13 1700000001.900000 connect(7<socket:[70]>, {sa_family=AF_INET6, sin6_port=htons(9), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::ffff:127.0.0.1", &sin6_addr), sin6_scope_id=0}, 28) = 0
13 1700000001.950000 connect(9<socket:[90]>, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = -1 ENOENT (No such file or directory)
13 1700000002.000000 openat(AT_FDCWD</tmp>, "cut o`;

it('reads what strace wrote of two processes', () => {
  const trace = readTrace(text);
  expect(Object.fromEntries(trace.opened)).toEqual({
    '/etc/ld.so.cache': { read: true, created: false },
    '/model/model.gguf': { read: true, created: false },
    '/tmp/a b<x>ü.txt': { read: false, created: true },
    '/tmp/y': { read: true, created: true },
  });
  expect(trace.executed).toEqual(['/bin/sh', '/usr/bin/a "b"']);
  expect(trace.connected).toEqual([
    { to: '192.0.2.1:443', atMs: 1700000001500, stream: true, open: true },
    { to: '192.0.2.2:53', atMs: 1700000001600, stream: false, open: true },
    { to: '2001:db8::1:80', atMs: 1700000001700, stream: true, open: false },
  ]);
  expect(trace.ioUring).toBe(false);
});

it('knows a program whose opens are no system calls', () => {
  const line = '7 1.5 io_uring_setup(64, {flags=0}) = 9<anon_inode:[io_uring]>';
  expect(readTrace(line).ioUring).toBe(true);
  expect(readTrace('7 1.5 io_uring_setup(64, NULL) = -1 EPERM (denied)').ioUring).toBe(false);
  expect(readTrace('').opened.size).toBe(0);
});

it('tells Unix sockets of others that took the call, not those of the server or the system', () => {
  const to = (path: string) => `{sa_family=AF_UNIX, sun_path=${path}}, 110`;
  const trace = readTrace(
    [
      '7 1.0 socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = 9<socket:[90]>',
      `7 1.1 bind(5<socket:[50]>, ${to('"/tmp/own"')}) = 0`,
      `8 1.2 connect(9<socket:[90]>, ${to('"/tmp/own"')}) = 0`,
      `8 1.3 connect(9<socket:[90]>, ${to('"/tmp/worker"')}) = 0`,
      `8 1.4 connect(9<socket:[90]>, ${to('@"hidden"')}) = 0`,
      `8 1.5 connect(9<socket:[90]>, ${to('"/tmp/nobody"')}) = -1 ECONNREFUSED (Connection refused)`,
      `8 1.6 connect(9<socket:[90]>, ${to('"/run/nscd/socket"')}) = 0`,
    ].join('\n'),
  );
  expect(trace.connected).toEqual([
    { to: 'unix:/tmp/worker', atMs: 1300, stream: true, open: true },
    { to: 'unix:@hidden', atMs: 1400, stream: true, open: true },
  ]);
});
