/*
 * The floor: what reading these streams costs in C. One thread, epoll, one connection a stream,
 * one memmem over what arrives and one clock a read; the definitions are the product's own (first
 * token = first content that is not empty; from the intended send in an open loop).
 * Usage and file formats: ../README.md.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_EVENTS = 256, READ_BYTES = 262144, CARRY = 32 };

typedef struct {
  int64_t intendedNs, sentNs, endNs;
  uint32_t tokens;
  int ok;
  double *stamps;
} Record;
typedef struct {
  int fd, busy, carryLen, failed;
  uint32_t index;
  char carry[CARRY];
} Conn;

static int ep, port, streams = 1, open_ = 0, cap = 1 << 30, tokens = 200, keepTokens = 1;
static uint32_t requests = 1, started = 0, ended = 0;
static double rate = 0;
static int64_t originNs;
static Record *records;
static Conn *conns;
static int connCount = 0, connCap = 0, *freeConns, freeCount = 0;
static char *prompt, *readBuf;
static const char *outPrefix = NULL;

static int64_t nowNs(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
static void die(const char *what) {
  fprintf(stderr, "c-reader: %s: %s\n", what, strerror(errno));
  exit(1);
}
static int connectOne(void) {
  if (connCount == connCap) return fprintf(stderr, "c-reader: more than %d connections\n", connCap), exit(1), -1;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (connect(fd, (struct sockaddr *)&a, sizeof a)) die("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  struct epoll_event e = {.events = EPOLLIN, .data.u32 = (uint32_t)connCount};
  if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e)) die("epoll_ctl");
  conns[connCount] = (Conn){.fd = fd};
  return connCount++;
}
static void sendNext(int at) {
  Conn *c = &conns[at];
  static char head[512];
  uint32_t i = started++;
  Record *r = &records[i];
  c->busy = 1, c->index = i, c->carryLen = 0;
  if (keepTokens) r->stamps = calloc((size_t)tokens, sizeof(double));
  static char *buf = NULL;
  static size_t bodyLen = 0;
  if (!buf) {
    buf = malloc(strlen(prompt) + 2048);
    bodyLen = (size_t)sprintf(buf + 512, "{\"model\":\"mock\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}],\"stream\":true,\"max_tokens\":%d,"
                              "\"temperature\":0,\"ignore_eos\":true,\"stream_options\":{\"include_usage\":true}}", prompt, tokens);
  }
  int h = sprintf(head, "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:%d\r\ncontent-type: application/json\r\n"
                  "x-request-id: c-%u\r\ncontent-length: %zu\r\n\r\n", port, i, bodyLen);
  memcpy(buf + 512 - h, head, (size_t)h);
  r->sentNs = nowNs();
  if (!open_) r->intendedNs = r->sentNs;
  if (send(c->fd, buf + 512 - h, (size_t)h + bodyLen, MSG_NOSIGNAL) != (ssize_t)((size_t)h + bodyLen)) die("send");
}
static void finish(int at, int64_t at_ns, int ok) {
  Conn *c = &conns[at];
  Record *r = &records[c->index];
  r->endNs = at_ns, r->ok = ok;
  c->busy = 0;
  ended++;
  if (!open_ && started < requests) sendNext(at);
  else freeConns[freeCount++] = at;
}
static void readConn(int at) {
  static const char content[] = "\"content\":\"", done[] = "data: [DONE]\n\n\r\n0\r\n\r\n";
  Conn *c = &conns[at];
  char *buf = readBuf + CARRY;
  int64_t stampNs = nowNs();
  ssize_t n = recv(c->fd, buf, READ_BYTES, MSG_DONTWAIT);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) {
    epoll_ctl(ep, EPOLL_CTL_DEL, c->fd, NULL);
    close(c->fd);
    if (c->busy) fprintf(stderr, "c-reader: the server closed a stream\n"), exit(1);
    return;
  }
  if (!c->busy) return;
  memcpy(buf - c->carryLen, c->carry, (size_t)c->carryLen);
  char *p = buf - c->carryLen, *end = buf + n;
  Record *r = &records[c->index];
  for (;;) {
    char *hit = memmem(p, (size_t)(end - p), content, sizeof content - 1);
    if (!hit || hit + sizeof content - 1 >= end) {
      if (hit) p = hit;
      break;
    }
    p = hit + sizeof content - 1;
    if (*p == '"') continue;
    if (r->stamps && r->tokens < (uint32_t)tokens) r->stamps[r->tokens] = (double)(stampNs - originNs);
    r->tokens++;
  }
  /* The end is the last thing that comes; what is left of a needle cut by the read is kept. */
  size_t tail = sizeof done - 1;
  char *from = end - (buf - c->carryLen) >= (ssize_t)tail ? end - tail : NULL;
  if (from && end[-1] == '\n' && !memcmp(from, done, tail)) return finish(at, stampNs, 1);
  ssize_t keep = end - p < CARRY ? end - p : CARRY;
  memcpy(c->carry, end - keep, (size_t)keep);
  c->carryLen = (int)keep;
}
static double uniform(uint64_t *s) {
  *s ^= *s >> 12, *s ^= *s << 25, *s ^= *s >> 27;
  return (double)((*s * 2685821657736338717ull) >> 11) / 9007199254740992.0;
}
static void sendDue(void) {
  while (started < requests && records[started].intendedNs <= nowNs() && (int)(started - ended) < cap)
    sendNext(freeCount > 0 ? freeConns[--freeCount] : connectOne());
}
static void writeRecords(void) {
  if (!outPrefix) return;
  char path[4096];
  snprintf(path, sizeof path, "%s.requests.jsonl", outPrefix);
  FILE *lines = fopen(path, "w");
  snprintf(path, sizeof path, "%s.tokens.f64", outPrefix);
  FILE *file = fopen(path, "w");
  if (!lines || !file) die(path);
  size_t offset = 0;
  for (uint32_t i = 0; i < requests; i++) {
    Record *r = &records[i];
    uint32_t kept = r->stamps ? (r->tokens < (uint32_t)tokens ? r->tokens : (uint32_t)tokens) : 0;
    fprintf(lines, "{\"id\":\"c-%u\",\"ok\":%s,\"intendedNs\":%lld,\"sentNs\":%lld,\"endNs\":%lld,\"tokens\":%u,\"stamps\":%u,\"offset\":%zu}\n", i,
            r->ok ? "true" : "false", (long long)(r->intendedNs - originNs), (long long)(r->sentNs - originNs),
            (long long)(r->endNs - originNs), r->tokens, kept, offset);
    if (kept) fwrite(r->stamps, sizeof(double), kept, file), offset += kept;
  }
  fclose(lines), fclose(file);
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  snprintf(path, sizeof path, "%s.summary.json", outPrefix);
  FILE *f = fopen(path, "w");
  fprintf(f, "{\"originNs\":\"%lld\",\"cpuS\":%.6f}\n", (long long)originNs,
          (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6);
  fclose(f);
}

int main(int argc, char **argv) {
  int promptBytes = 640;
  double limitS = 300;
  uint64_t seed = 42;
  for (int i = 1; i + 1 < argc; i += 2) {
    const char *k = argv[i], *v = argv[i + 1];
    if (!strcmp(k, "--port")) port = atoi(v);
    else if (!strcmp(k, "--streams")) streams = atoi(v);
    else if (!strcmp(k, "--requests")) requests = (uint32_t)atol(v);
    else if (!strcmp(k, "--rate")) rate = atof(v), open_ = 1;
    else if (!strcmp(k, "--cap")) cap = atoi(v);
    else if (!strcmp(k, "--tokens")) tokens = atoi(v);
    else if (!strcmp(k, "--prompt-bytes")) promptBytes = atoi(v);
    else if (!strcmp(k, "--keep-tokens")) keepTokens = atoi(v);
    else if (!strcmp(k, "--seed")) seed = strtoull(v, NULL, 10) * 0x9E3779B97F4A7C15ull + 1;
    else if (!strcmp(k, "--limit-s")) limitS = atof(v);
    else if (!strcmp(k, "--out")) outPrefix = v;
    else return fprintf(stderr, "c-reader: unknown option %s\n", k), 2;
  }
  originNs = nowNs();
  prctl(PR_SET_TIMERSLACK, 1);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files), files.rlim_cur = files.rlim_max, setrlimit(RLIMIT_NOFILE, &files);
  ep = epoll_create1(EPOLL_CLOEXEC);
  records = calloc(requests, sizeof *records);
  connCap = streams > 16384 ? streams : 16384;
  conns = calloc((size_t)connCap, sizeof *conns), freeConns = calloc((size_t)connCap, sizeof *freeConns);
  readBuf = malloc(CARRY + READ_BYTES), prompt = malloc((size_t)promptBytes + 8);
  if (!records || !conns || !freeConns || !readBuf || !prompt) die("memory");
  for (int i = 0; i < promptBytes; i++) prompt[i] = i % 5 == 4 ? ' ' : 'a' + i * 7 % 26;
  prompt[promptBytes] = 0;

  for (int i = 0; i < streams; i++) freeConns[freeCount++] = connectOne();
  int64_t startNs = nowNs(), untilNs = startNs + (int64_t)(limitS * 1e9);
  if (open_) {
    double t = 0;
    for (uint32_t i = 0; i < requests; i++) {
      records[i].intendedNs = startNs + 1000000 + (int64_t)(t * 1e9);
      t += -log(1 - uniform(&seed)) / rate;
    }
  } else {
    while (freeCount > 0 && started < requests) sendNext(freeConns[--freeCount]);
  }
  struct epoll_event events[MAX_EVENTS];
  while (ended < requests && nowNs() < untilNs) {
    struct timespec wait = {0, 100000000};
    if (open_ && started < requests && (int)(started - ended) < cap) {
      int64_t left = records[started].intendedNs - nowNs() - 50000; /* the rest is polled */
      if (left < wait.tv_nsec) wait.tv_nsec = left > 0 ? left : 0;
    }
    int n = epoll_pwait2(ep, events, MAX_EVENTS, &wait, NULL);
    for (int i = 0; i < n; i++) {
      readConn((int)events[i].data.u32);
      if (open_) sendDue();
    }
    if (open_) sendDue();
  }
  writeRecords();
  return ended == requests ? 0 : 1;
}
