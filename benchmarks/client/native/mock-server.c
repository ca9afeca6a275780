/*
 * A server whose truth is known: one thread, epoll, OpenAI-style streams of made-up tokens on an
 * absolute schedule, one write() a token. CLOCK_MONOTONIC is taken right before every write() and
 * kept per request and token, so that what a client reports can be compared with what was sent.
 * Usage and file formats: ../README.md.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
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

enum { MAX_EVENTS = 64, BLOCK_BYTES = 65536, READ_BYTES = 65536, MAX_HEADER_BYTES = 65536 };
typedef enum { STAGGERED, ALIGNED, PLAIN, BLAST } Mode;

typedef struct {
  uint32_t seq, asked, sent, late;
  char xid[80];
  int stream, chat, aborted, connection;
  size_t bodyBytes;
  int64_t firstNs, completeNs, endNs; /* first byte seen, request whole, last write */
  double *stamps;                     /* pairs: written, scheduled; ns since the origin */
} Request;

typedef struct {
  int fd, id, heapAt, streaming, wantsOut, includeUsage, runningUsage;
  char *in;
  size_t inLen, inCap, needed; /* needed: length of header and body, 0 = header not whole */
  int64_t firstNs, startNs, dueNs;
  Request *request;
  char prefix[768];
  int prefixLen;
  char *out; /* bytes the socket did not take */
  size_t outLen, outOff, outCap;
  char *block; /* blast: many chunks of one length */
  int chunkLen, blockChunks;
  int64_t left;      /* blast: bytes of the stream's middle still to write */
  size_t blockOff;
} Conn;

static Mode mode = STAGGERED;
static int64_t prefillNs = 55000000, itlNs = 10000000, freezeAtNs = -1, freezeNs = 2000000000;
static int64_t spinNs = 60000, originNs, freezeFromNs = -1, freezeToNs = -1, firstPostNs = -1;
static int honourRunningUsage = 0, logTokens = 1, ep, inFlight = 0, peakInFlight = 0;
static int maxPeakConns = 0, conns = 0;
static const char *model = "inferencebench/known-truth-mock-8b-instruct-one-token-per-write";
static const char *outPrefix = NULL;
static Request **requests = NULL;
static size_t requestCount = 0, requestCap = 0;
static uint64_t writes = 0, blockedWrites = 0, lateWrites = 0;
static int64_t worstLateNs = 0;
static volatile sig_atomic_t wantDump = 0, wantExit = 0;
static uint64_t rngState = 88172645463325252ull;

static int64_t nowNs(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
static void die(const char *what) {
  fprintf(stderr, "mock-server: %s: %s\n", what, strerror(errno));
  exit(1);
}
static void *need(void *p) {
  if (!p) die("memory");
  return p;
}
static double uniform(void) { /* xorshift64*: the phases only need to be spread */
  rngState ^= rngState >> 12, rngState ^= rngState << 25, rngState ^= rngState >> 27;
  return (double)((rngState * 2685821657736338717ull) >> 11) / 9007199254740992.0;
}

/* ---- streams by the time of their next write: a binary heap ---- */
static Conn **heap = NULL;
static int heapLen = 0, heapCap = 0;
static void heapPut(int i, Conn *c) { heap[i] = c, c->heapAt = i; }
static void heapFix(int i) {
  Conn *c = heap[i];
  while (i > 0 && heap[(i - 1) / 2]->dueNs > c->dueNs) heapPut(i, heap[(i - 1) / 2]), i = (i - 1) / 2;
  for (;;) {
    int k = 2 * i + 1;
    if (k >= heapLen) break;
    if (k + 1 < heapLen && heap[k + 1]->dueNs < heap[k]->dueNs) k++;
    if (heap[k]->dueNs >= c->dueNs) break;
    heapPut(i, heap[k]), i = k;
  }
  heapPut(i, c);
}
static void heapAdd(Conn *c) {
  if (heapLen == heapCap) heap = need(realloc(heap, sizeof *heap * (heapCap = heapCap * 2 + 64)));
  heapPut(heapLen++, c);
  heapFix(heapLen - 1);
}
static void heapRemove(Conn *c) {
  int i = c->heapAt;
  if (i < 0) return;
  c->heapAt = -1;
  Conn *last = heap[--heapLen];
  if (last != c) heapPut(i, last), heapFix(i);
}

/* ---- connections ---- */
static void watch(Conn *c, int out) {
  if (c->wantsOut == out) return;
  c->wantsOut = out;
  struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP | (out ? EPOLLOUT : 0), .data.ptr = c};
  epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
}
static void endRequest(Conn *c, int aborted) {
  Request *r = c->request;
  heapRemove(c);
  c->streaming = 0;
  if (!r) return;
  r->aborted = aborted;
  c->request = NULL;
  inFlight--;
}
static void closeConn(Conn *c) {
  if (c->fd < 0) return;
  endRequest(c, 1);
  close(c->fd);
  c->fd = -1; /* freed at the end of the turn: later events of this batch may point to it */
  conns--;
}
static void put(Conn *c, const char *bytes, size_t n) {
  size_t done = 0;
  if (c->outLen == c->outOff) {
    ssize_t sent = send(c->fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
    writes++;
    if (sent == (ssize_t)n) return;
    if (sent > 0) done = (size_t)sent;
    else if (sent < 0 && errno != EAGAIN) return; /* the reading side notices the close */
  }
  blockedWrites++;
  if (c->outOff) memmove(c->out, c->out + c->outOff, c->outLen -= c->outOff), c->outOff = 0;
  if (c->outLen + n - done > c->outCap)
    c->out = need(realloc(c->out, c->outCap = c->outLen + n - done + 65536));
  memcpy(c->out + c->outLen, bytes + done, n - done);
  c->outLen += n - done;
  watch(c, 1);
}
static void flushOut(Conn *c) {
  ssize_t sent = send(c->fd, c->out + c->outOff, c->outLen - c->outOff, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent > 0) c->outOff += (size_t)sent;
  if (c->outOff == c->outLen) c->outOff = c->outLen = 0;
}

/* ---- what is sent ---- */
static const char *words[32] = {" the", " of", " and", " to", " in", " is", " model", " that", " it",
  " token", " as", " was", " for", ",", " serving", ".", " with", " be", " on", " not", " a", " by",
  " latency", " from", " at", " queue", " or", " an", " measured", " which", " you", "s"};
static const char chatTail[] = "\"},\"logprobs\":null,\"finish_reason\":null,\"token_ids\":null}]";
static const char textTail[] = "\",\"logprobs\":null,\"finish_reason\":null,\"stop_reason\":null}]";

static int wrapChunk(char *to, const char *event, int n) {
  int h = sprintf(to, "%x\r\n", n);
  memcpy(to + h, event, n);
  memcpy(to + h + n, "\r\n", 2);
  return h + n + 2;
}
static int tokenChunk(Conn *c, const char *text, uint32_t count, char *to) {
  static char event[2048];
  const char *tail = c->request->chat ? chatTail : textTail;
  size_t textLen = strlen(text), tailLen = strlen(tail);
  int n = c->prefixLen;
  memcpy(event, c->prefix, n);
  memcpy(event + n, text, textLen), n += textLen;
  memcpy(event + n, tail, tailLen), n += tailLen;
  if (c->runningUsage)
    n += sprintf(event + n, ",\"usage\":{\"prompt_tokens\":%zu,\"total_tokens\":%zu,\"completion_tokens\":%u}",
                 c->request->bodyBytes / 5, c->request->bodyBytes / 5 + count, count);
  memcpy(event + n, "}\n\n", 3), n += 3;
  return wrapChunk(to, event, n);
}
static int endChunks(Conn *c, char *to) {
  Request *r = c->request;
  char event[2048];
  int n = 0, e;
  const char *object = r->chat ? "chat.completion.chunk" : "text_completion";
  const char *empty = r->chat ? "\"delta\":{\"content\":\"\"}" : "\"text\":\"\"";
  e = sprintf(event, "data: {\"id\":\"%s\",\"object\":\"%s\",\"created\":1763800000,\"model\":\"%s\",\"choices\":[{\"index\":0,%s,"
              "\"logprobs\":null,\"finish_reason\":\"length\",\"stop_reason\":null}]}\n\n", r->xid, object, model, empty);
  n += wrapChunk(to + n, event, e);
  if (c->includeUsage) {
    e = sprintf(event, "data: {\"id\":\"%s\",\"object\":\"%s\",\"created\":1763800000,\"model\":\"%s\",\"choices\":[],\"usage\":"
                "{\"prompt_tokens\":%zu,\"total_tokens\":%zu,\"completion_tokens\":%u}}\n\n",
                r->xid, object, model, r->bodyBytes / 5, r->bodyBytes / 5 + r->asked, r->asked);
    n += wrapChunk(to + n, event, e);
  }
  n += wrapChunk(to + n, "data: [DONE]\n\n", 14);
  memcpy(to + n, "0\r\n\r\n", 5);
  return n + 5;
}
static void stamp(Request *r, uint32_t i, int64_t at, int64_t scheduled) {
  int64_t late = at - scheduled;
  if (late > 1000000) r->late++, lateWrites++;
  if (late > worstLateNs) worstLateNs = late;
  if (!r->stamps) return;
  r->stamps[2 * i] = (double)(at - originNs);
  r->stamps[2 * i + 1] = (double)(scheduled - originNs);
}
static void finishStream(Conn *c) {
  char buf[8192];
  int n = endChunks(c, buf);
  c->request->endNs = nowNs();
  put(c, buf, n);
  endRequest(c, 0);
}
/** The role chunk and the first token, whose text says which request this is. */
static void firstToken(Conn *c, int64_t scheduled) {
  char buf[4096], event[2048], text[32];
  Request *r = c->request;
  if (r->chat) {
    int e = sprintf(event, "data: {\"id\":\"%s\",\"object\":\"chat.completion.chunk\",\"created\":1763800000,\"model\":\"%s\",\"choices\":"
                    "[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n", r->xid, model);
    put(c, buf, wrapChunk(buf, event, e));
  }
  sprintf(text, " #%07u", r->seq);
  int n = tokenChunk(c, text, 1, buf);
  stamp(r, 0, nowNs(), scheduled);
  put(c, buf, n);
  r->sent = 1;
}
static void writeDue(Conn *c) {
  char buf[4096];
  Request *r = c->request;
  if (!r->stream) {
    char body[1024];
    int n = sprintf(body, "{\"id\":\"%s\",\"object\":\"%s\",\"created\":1763800000,\"model\":\"%s\",\"choices\":[{\"index\":0,%s,"
                    "\"logprobs\":null,\"finish_reason\":\"length\"}],\"usage\":{\"prompt_tokens\":%zu,\"total_tokens\":%zu,\"completion_tokens\":%u}}",
                    r->xid, r->chat ? "chat.completion" : "text_completion", model,
                    r->chat ? "\"message\":{\"role\":\"assistant\",\"content\":\" words\"}" : "\"text\":\" words\"",
                    r->bodyBytes / 5, r->bodyBytes / 5 + r->asked, r->asked);
    int h = sprintf(buf, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s", n, body);
    r->endNs = nowNs();
    put(c, buf, h);
    endRequest(c, 0);
    return;
  }
  if (r->sent == 0) {
    firstToken(c, c->dueNs);
    if (mode == BLAST && r->asked > 1) {
      /* Every chunk of the middle has one length: a block of them is written over and over. */
      heapRemove(c);
      c->chunkLen = tokenChunk(c, " words", 2, buf);
      c->blockChunks = BLOCK_BYTES / c->chunkLen;
      if (!c->block) c->block = need(malloc(BLOCK_BYTES));
      for (int i = 0; i < c->blockChunks; i++) memcpy(c->block + i * c->chunkLen, buf, c->chunkLen);
      c->left = (int64_t)(r->asked - 1) * c->chunkLen;
      c->blockOff = 0;
      watch(c, 1);
      return;
    }
  } else {
    int n = tokenChunk(c, words[(r->seq * 7 + r->sent) & 31], r->sent + 1, buf);
    stamp(r, r->sent, nowNs(), c->dueNs);
    put(c, buf, n);
    r->sent++;
  }
  if (r->sent == r->asked) return finishStream(c);
  c->dueNs = c->startNs + (int64_t)r->sent * itlNs;
  heapFix(c->heapAt);
}
static void blast(Conn *c) {
  size_t whole = (size_t)c->blockChunks * c->chunkLen;
  size_t n = whole - c->blockOff;
  if ((int64_t)n > c->left) n = (size_t)c->left;
  ssize_t sent = send(c->fd, c->block + c->blockOff, n, MSG_NOSIGNAL | MSG_DONTWAIT);
  writes++;
  if (sent <= 0) return;
  c->left -= sent;
  c->blockOff = (c->blockOff + (size_t)sent) % whole;
  c->request->sent = c->request->asked - (uint32_t)(c->left / c->chunkLen);
  if (c->left > 0) return;
  c->request->sent = c->request->asked;
  watch(c, 0);
  finishStream(c);
}

/* ---- what is received ---- */
/** Number after `"name":` near an end of the body (a long prompt is in the middle), or -1. */
static long field(const char *body, size_t n, const char *name) {
  for (int pass = 0; pass < 3; pass++) {
    size_t span = n < 4096 || pass == 2 ? n : 4096;
    const char *from = pass == 0 ? body + n - span : body;
    const char *hit = memmem(from, span, name, strlen(name));
    if (hit) {
      const char *p = hit + strlen(name);
      while (p < body + n && (*p == ' ' || *p == ':')) p++;
      if (p >= body + n) return -1;
      if (*p == 't') return 1;
      if (*p == 'f' || *p == 'n') return 0;
      long value = 0;
      for (; p < body + n && *p >= '0' && *p <= '9'; p++) value = value * 10 + (*p - '0');
      return value;
    }
    if (span == n) return -1;
  }
  return -1;
}
static void answer(Conn *c, const char *status, const char *json) {
  char buf[2048];
  int n = sprintf(buf, "HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n\r\n%s", status, strlen(json), json);
  put(c, buf, n);
}
static void startGeneration(Conn *c, int chat, const char *head, size_t headLen, const char *body, size_t bodyLen, int64_t completeNs) {
  Request *r = need(calloc(1, sizeof *r));
  if (requestCount == requestCap)
    requests = need(realloc(requests, sizeof *requests * (requestCap = requestCap * 2 + 1024)));
  r->seq = (uint32_t)requestCount;
  requests[requestCount++] = r;
  r->connection = c->id, r->chat = chat, r->bodyBytes = bodyLen;
  r->firstNs = c->firstNs, r->completeNs = completeNs;
  const char *id = memmem(head, headLen, "\nx-request-id:", 14);
  if (!id) id = memmem(head, headLen, "\nX-Request-Id:", 14);
  if (!id) id = memmem(head, headLen, "\nX-Request-ID:", 14);
  size_t n = 0;
  if (id) for (id += 14; *id == ' '; id++) {}
  if (id) while (n < sizeof r->xid - 1 && id[n] > 32 && id[n] != '"' && id[n] != '\\') r->xid[n] = id[n], n++;
  if (n == 0) sprintf(r->xid, "chatcmpl-%024x%08x", 0, r->seq);
  long asked = field(body, bodyLen, "\"max_tokens\"");
  if (asked < 0) asked = field(body, bodyLen, "\"max_completion_tokens\"");
  r->asked = asked > 0 ? (uint32_t)asked : 16;
  r->stream = field(body, bodyLen, "\"stream\"") == 1;
  c->includeUsage = field(body, bodyLen, "\"include_usage\"") == 1;
  c->runningUsage = honourRunningUsage && field(body, bodyLen, "\"continuous_usage_stats\"") == 1;
  if (logTokens && r->stream) r->stamps = need(calloc(r->asked, 2 * sizeof(double)));
  c->prefixLen = snprintf(c->prefix, sizeof c->prefix,
    chat ? "data: {\"id\":\"%s\",\"object\":\"chat.completion.chunk\",\"created\":1763800000,\"model\":\"%s\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
         : "data: {\"id\":\"%s\",\"object\":\"text_completion\",\"created\":1763800000,\"model\":\"%s\",\"choices\":[{\"index\":0,\"text\":\"", r->xid, model);
  c->request = r, c->streaming = 1;
  if (++inFlight > peakInFlight) peakInFlight = inFlight;
  if (firstPostNs < 0) firstPostNs = c->firstNs;
  int64_t from = c->firstNs + prefillNs;
  if (mode == STAGGERED) from += (int64_t)((uniform() - 0.5) * (double)itlNs);
  if (mode == ALIGNED) { /* the next common tick; on average `prefillNs` after the request */
    int64_t rel = from - itlNs / 2 - originNs;
    from = originNs + (rel + itlNs - 1) / itlNs * itlNs;
  }
  c->startNs = from;
  c->dueNs = r->stream ? from : from + (int64_t)(r->asked - 1) * itlNs;
  heapAdd(c);
  if (r->stream) { /* like vLLM: the header leaves at once, the first event with the first token */
    static const char header[] = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n";
    put(c, header, sizeof header - 1);
  }
}
/** Takes one whole request out of the buffer; false when there is none. */
static int takeRequest(Conn *c) {
  if (c->inLen == 0 || c->streaming) return 0;
  if (c->needed == 0) {
    char *end = memmem(c->in, c->inLen, "\r\n\r\n", 4);
    if (!end) {
      if (c->inLen > MAX_HEADER_BYTES) closeConn(c);
      return 0;
    }
    *end = 0; /* strcasestr needs an end; the byte is not read again */
    char *length = strcasestr(c->in, "\ncontent-length:");
    *end = '\r';
    c->needed = (size_t)(end - c->in) + 4 + (length ? strtoul(length + 16, NULL, 10) : 0);
  }
  if (c->inLen < c->needed) return 0;
  char *body = (char *)memmem(c->in, c->inLen, "\r\n\r\n", 4) + 4;
  size_t headLen = (size_t)(body - c->in), bodyLen = c->needed - headLen;
  int chat = !strncmp(c->in, "POST /v1/chat/completions ", 26);
  if (chat || !strncmp(c->in, "POST /v1/completions ", 21)) {
    startGeneration(c, chat, c->in, headLen, body, bodyLen, nowNs());
  } else if (!strncmp(c->in, "GET /v1/models ", 15)) {
    char json[512];
    snprintf(json, sizeof json, "{\"object\":\"list\",\"data\":[{\"id\":\"%s\",\"object\":\"model\",\"created\":1763800000,\"owned_by\":\"inferencebench-mock\",\"max_model_len\":262144}]}", model);
    answer(c, "200 OK", json);
  } else {
    answer(c, "404 Not Found", "{\"detail\":\"Not Found\"}");
  }
  memmove(c->in, c->in + c->needed, c->inLen -= c->needed);
  c->needed = 0;
  return 1;
}
static void readSome(Conn *c, int64_t turnNs) {
  for (;;) {
    if (c->inCap - c->inLen < READ_BYTES) c->in = need(realloc(c->in, c->inCap = c->inCap * 2 + 2 * READ_BYTES));
    ssize_t n = recv(c->fd, c->in + c->inLen, c->inCap - c->inLen, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN)) return closeConn(c);
    if (n < 0) break;
    if (c->inLen == 0) c->firstNs = turnNs;
    int more = (size_t)n == c->inCap - c->inLen;
    c->inLen += (size_t)n;
    if (!more) break;
  }
  while (c->fd >= 0 && takeRequest(c)) c->firstNs = turnNs;
}

/* ---- the log ---- */
static FILE *openOut(const char *suffix) {
  char path[4096];
  snprintf(path, sizeof path, "%s.%s", outPrefix, suffix);
  FILE *f = fopen(path, "w");
  if (!f) die(path);
  setvbuf(f, NULL, _IOFBF, 1 << 20);
  return f;
}
static void dump(void) {
  if (!outPrefix) return;
  FILE *lines = openOut("requests.jsonl"), *tokens = openOut("tokens.f64");
  size_t offset = 0;
  for (size_t i = 0; i < requestCount; i++) {
    Request *r = requests[i];
    fprintf(lines, "{\"seq\":%u,\"id\":\"%s\",\"connection\":%d,\"chat\":%s,\"stream\":%s,\"bodyBytes\":%zu,\"firstNs\":%lld,\"completeNs\":%lld,"
            "\"endNs\":%lld,\"asked\":%u,\"sent\":%u,\"late\":%u,\"aborted\":%s,\"offset\":%lld}\n",
            r->seq, r->xid, r->connection, r->chat ? "true" : "false", r->stream ? "true" : "false", r->bodyBytes,
            (long long)(r->firstNs - originNs), (long long)(r->completeNs - originNs),
            (long long)(r->endNs ? r->endNs - originNs : -1), r->asked, r->sent, r->late, r->aborted ? "true" : "false",
            r->stamps ? (long long)offset : -1);
    if (r->stamps) fwrite(r->stamps, 2 * sizeof(double), r->sent, tokens), offset += r->sent;
  }
  fclose(lines), fclose(tokens);
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  FILE *f = openOut("summary.json");
  fprintf(f, "{\"originNs\":\"%lld\",\"requests\":%zu,\"peakInFlight\":%d,\"peakConnections\":%d,\"writes\":%llu,\"blockedWrites\":%llu,"
          "\"lateWrites\":%llu,\"worstLateNs\":%lld,\"freezeFromNs\":%lld,\"freezeToNs\":%lld,\"cpuS\":%.6f}\n",
          (long long)originNs, requestCount, peakInFlight, maxPeakConns, (unsigned long long)writes, (unsigned long long)blockedWrites,
          (unsigned long long)lateWrites, (long long)worstLateNs,
          (long long)(freezeFromNs < 0 ? -1 : freezeFromNs - originNs), (long long)(freezeToNs < 0 ? -1 : freezeToNs - originNs),
          (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6);
  fclose(f);
}
static void onSignal(int s) {
  if (s == SIGUSR1) wantDump = 1;
  else wantExit = 1;
}

static Conn **dead = NULL;
static int deadLen = 0, deadCap = 0;
static void bury(Conn *c) {
  if (deadLen == deadCap) dead = need(realloc(dead, sizeof *dead * (deadCap = deadCap * 2 + 64)));
  for (int i = 0; i < deadLen; i++) if (dead[i] == c) return;
  dead[deadLen++] = c;
}
static void acceptAll(int listener) {
  static int ids = 0;
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    Conn *c = need(calloc(1, sizeof *c));
    c->fd = fd, c->id = ids++, c->heapAt = -1;
    struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = c};
    if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e)) die("epoll_ctl");
    if (++conns > maxPeakConns) maxPeakConns = conns;
  }
}
static void waitFor(struct epoll_event *events, int *n) {
  int64_t left = heapLen ? heap[0]->dueNs - nowNs() : 100000000;
  if (left > 100000000) left = 100000000;
  struct timespec t = {0, 0};
  if (left > spinNs) t.tv_nsec = left - spinNs; /* else: poll, the next write is due at once */
  *n = epoll_pwait2(ep, events, MAX_EVENTS, &t, NULL);
  if (*n < 0 && errno != EINTR) die("epoll");
}
static void loop(int listener, int64_t untilNs) {
  struct epoll_event events[MAX_EVENTS];
  while (!wantExit && nowNs() < untilNs) {
    int n;
    waitFor(events, &n);
    int64_t turnNs = nowNs();
    for (int i = 0; i < n; i++) {
      Conn *c = events[i].data.ptr;
      if (!c) { acceptAll(listener); continue; }
      if (c->fd >= 0 && events[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) readSome(c, turnNs);
      if (c->fd >= 0 && events[i].events & EPOLLOUT) {
        if (c->outLen > c->outOff) flushOut(c);
        else if (c->streaming && mode == BLAST && c->left > 0) blast(c);
        if (c->outLen == c->outOff && !(c->streaming && mode == BLAST && c->left > 0)) watch(c, 0);
      }
      if (c->fd >= 0) while (takeRequest(c)) c->firstNs = turnNs;
      if (c->fd < 0) bury(c);
    }
    if (freezeAtNs >= 0 && freezeFromNs < 0 && firstPostNs >= 0 && nowNs() - firstPostNs >= freezeAtNs) {
      freezeFromNs = nowNs();
      struct timespec t = {freezeNs / 1000000000, freezeNs % 1000000000};
      while (nanosleep(&t, &t) && errno == EINTR) {}
      freezeToNs = nowNs();
    }
    /* At most this many before looking at the sockets again. */
    for (int k = 0; k < 256 && heapLen && heap[0]->dueNs <= nowNs(); k++) writeDue(heap[0]);
    for (int i = 0; i < deadLen; i++) free(dead[i]->in), free(dead[i]->out), free(dead[i]->block), free(dead[i]);
    deadLen = 0;
    if (wantDump) wantDump = 0, dump();
  }
}

int main(int argc, char **argv) {
  int port = 0;
  double limitS = 600;
  for (int i = 1; i + 1 < argc; i += 2) {
    const char *k = argv[i], *v = argv[i + 1];
    if (!strcmp(k, "--port")) port = atoi(v);
    else if (!strcmp(k, "--mode")) mode = !strcmp(v, "aligned") ? ALIGNED : !strcmp(v, "plain") ? PLAIN : !strcmp(v, "blast") ? BLAST : STAGGERED;
    else if (!strcmp(k, "--prefill-ms")) prefillNs = (int64_t)(atof(v) * 1e6);
    else if (!strcmp(k, "--itl-ms")) itlNs = (int64_t)(atof(v) * 1e6);
    else if (!strcmp(k, "--freeze-at-s")) freezeAtNs = (int64_t)(atof(v) * 1e9);
    else if (!strcmp(k, "--freeze-s")) freezeNs = (int64_t)(atof(v) * 1e9);
    else if (!strcmp(k, "--running-usage")) honourRunningUsage = !strcmp(v, "honour");
    else if (!strcmp(k, "--token-log")) logTokens = atoi(v);
    else if (!strcmp(k, "--spin-us")) spinNs = (int64_t)(atof(v) * 1e3);
    else if (!strcmp(k, "--limit-s")) limitS = atof(v);
    else if (!strcmp(k, "--model")) model = v;
    else if (!strcmp(k, "--out")) outPrefix = v;
    else return fprintf(stderr, "mock-server: unknown option %s\n", k), 2;
  }
  if (argc % 2 == 0) return fprintf(stderr, "mock-server: options come in pairs: --name value\n"), 2;
  if (strlen(model) > 128) return fprintf(stderr, "mock-server: --model is at most 128 characters\n"), 2;
  prctl(PR_SET_TIMERSLACK, 1);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  signal(SIGPIPE, SIG_IGN), signal(SIGUSR1, onSignal), signal(SIGTERM, onSignal), signal(SIGINT, onSignal);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files), files.rlim_cur = files.rlim_max, setrlimit(RLIMIT_NOFILE, &files);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof a;
  if (bind(listener, (struct sockaddr *)&a, size) || listen(listener, 4096)) die("bind");
  getsockname(listener, (struct sockaddr *)&a, &size);
  ep = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e);
  originNs = nowNs();
  printf("listening %d\n", ntohs(a.sin_port));
  fflush(stdout);
  loop(listener, originNs + (int64_t)(limitS * 1e9));
  dump();
  return 0;
}
