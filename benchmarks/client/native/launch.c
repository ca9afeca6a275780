/*
 * Runs a command on one core at a given priority and measures it from outside: CPU clock of the
 * process (all its threads, nanoseconds) every 20 ms on CLOCK_MONOTONIC, and the resources of the
 * whole tree at its end. The command is killed with all its children when the limit is over, or
 * when this program is told to end.
 *
 *   launch --cpu 0 --nice -19 --limit-s 60 --out FILE -- COMMAND ARGS...
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t stop = 0;
static void onSignal(int s) { (void)s, stop = 1; }
static int64_t read_(clockid_t clock) {
  struct timespec t;
  return clock_gettime(clock, &t) ? -1 : (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
static double seconds(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec / 1e6; }

int main(int argc, char **argv) {
  int cpu = -1, nice_ = 0, i = 1;
  double limitS = 120;
  const char *out = NULL;
  for (; i + 1 < argc && strcmp(argv[i], "--"); i += 2) {
    if (!strcmp(argv[i], "--cpu")) cpu = atoi(argv[i + 1]);
    else if (!strcmp(argv[i], "--nice")) nice_ = atoi(argv[i + 1]);
    else if (!strcmp(argv[i], "--limit-s")) limitS = atof(argv[i + 1]);
    else if (!strcmp(argv[i], "--out")) out = argv[i + 1];
  }
  if (i + 1 >= argc || !out) return fprintf(stderr, "launch: no command or no --out\n"), 2;
  signal(SIGTERM, onSignal), signal(SIGINT, onSignal);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  int64_t startNs = read_(CLOCK_MONOTONIC);
  pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setsid();
    if (cpu >= 0) {
      cpu_set_t set;
      CPU_ZERO(&set);
      CPU_SET(cpu, &set);
      sched_setaffinity(0, sizeof set, &set);
    }
    if (nice_) {
      setpriority(PRIO_PROCESS, 0, nice_);
      /* Sessions share the machine as groups; within one a priority only counts among its own. */
      FILE *group = fopen("/proc/self/autogroup", "w");
      if (group) fprintf(group, "%d\n", nice_), fclose(group);
    }
    execvp(argv[i + 1], argv + i + 1);
    fprintf(stderr, "launch: %s: %s\n", argv[i + 1], strerror(errno));
    _exit(127);
  }
  clockid_t clock;
  int hasClock = clock_getcpuclockid(pid, &clock) == 0, status = 0, timedOut = 0, samples = 0, cap = 0;
  int64_t (*rows)[2] = NULL;
  struct rusage used = {0};
  for (;;) {
    int64_t at = read_(CLOCK_MONOTONIC), cpuNs = hasClock ? read_(clock) : -1;
    if (wait4(pid, &status, WNOHANG, &used) == pid) break;
    if (samples == cap && !(rows = realloc(rows, sizeof *rows * (size_t)(cap = cap * 2 + 1024)))) return 1;
    if (cpuNs >= 0) rows[samples][0] = at - startNs, rows[samples++][1] = cpuNs;
    if (stop || (double)(at - startNs) / 1e9 > limitS) {
      timedOut = 1;
      kill(-pid, SIGKILL);
    }
    struct timespec t = {0, 20000000};
    nanosleep(&t, NULL);
  }
  kill(-pid, SIGKILL); /* whatever the command left behind */
  int64_t endNs = read_(CLOCK_MONOTONIC);
  FILE *f = fopen(out, "w");
  if (!f) return perror(out), 1;
  fprintf(f, "{\"startNs\":\"%lld\",\"wallS\":%.6f,\"exitCode\":%d,\"signal\":%d,\"timedOut\":%s,\"cpuS\":%.6f,\"maxRssKb\":%ld,\"samples\":[",
          (long long)startNs, (double)(endNs - startNs) / 1e9, WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          WIFSIGNALED(status) ? WTERMSIG(status) : 0, timedOut ? "true" : "false",
          seconds(used.ru_utime) + seconds(used.ru_stime), used.ru_maxrss);
  for (int k = 0; k < samples; k++) fprintf(f, "%s[%lld,%lld]", k ? "," : "", (long long)rows[k][0], (long long)rows[k][1]);
  fprintf(f, "]}\n");
  return fclose(f) ? 1 : 0;
}
