import { runMarker } from './process-sweep.ts';

/**
 * A shell that leads a group of its own, with a command in the background. A reader waits for the
 * end of standard input, to which nothing is ever written, and then kills what carries this mark
 * outside of the group, and the group. What starts while it looks is found the second time. The
 * command comes after the reader, so that it never runs without one.
 */
const guardScript = `
exec 3<&0
sweep() {
  [ -n "$${runMarker}" ] || return
  for env in $(grep -ls "${runMarker}=$${runMarker}" /proc/[0-9]*/environ); do
    pid=\${env#/proc/}; pid=\${pid%/environ}
    read -r stat <"/proc/$pid/stat" || continue
    set -- \${stat##*) }
    [ "$3" = $$ ] || kill -KILL "$pid"
  done
}
( trap '' TERM INT; while read -r _; do :; done <&3; sweep 2>/dev/null; sweep 2>/dev/null
  kill -KILL 0 ) & reader=$!
"$@" </dev/null 3<&- & command=$!
exec 3<&-
trap 'kill -TERM $command 2>/dev/null' TERM INT
while :; do
  wait $command; code=$?
  kill -0 $command 2>/dev/null || break
done
trap '' TERM
kill -KILL $reader 2>/dev/null
exit $code
`;

/**
 * In front of a command, whose standard input has to be a pipe that ends with this process and whose
 * process group its own (`detached`): the command, and what it started, ends when the pipe does.
 */
export const guardPrefix: readonly string[] = ['/bin/sh', '-c', guardScript, 'guard'];
