import { always, type Check, fail, flag, never, notRun, pass } from './check.ts';

/** Files that only the judge writes, by name or by what is in them. */
const verdictName =
  /(^|\/)(trial\.json|verdict[^/]*|judg(e)?ment[^/]*|.*_judgement\.txt|reward\.(json|txt))$/i;
const verdictText = /inferencebench\.(trial|result|run)\.v\d/;
/** Names under which Python runs a file unasked, and the evaluator's own. */
const hookName =
  /(^|\/)(sitecustomize\.py|usercustomize\.py|evaluate(\.py|\.sh)?|site-packages\/[^/]+\.pth)$/i;
/** What Python runs of a `.pth`; weights have that ending too, and are no text. */
const pathHook = /^import[ \t]/m;

/** Verdicts and evaluators are the judge's: none comes with a submission, none is written by it. */
export const planted: Check = {
  id: 'planted',
  kind: 'integrity',
  required: always,
  open: () => ({
    async verdict({ files, traces }) {
      if (traces.length === 0) return notRun('nothing was started');
      const brought = files.filter(
        ({ path, text }) =>
          verdictName.test(path) ||
          hookName.test(path) ||
          (text !== null && verdictText.test(text)) ||
          (text !== null && path.endsWith('.pth') && pathHook.test(text)),
      );
      if (brought.length > 0) return fail(`brought ${brought.map(({ path }) => path).join(', ')}`);
      const written = traces.flatMap((one) => one.filesWritten ?? []);
      const planted = written.filter((path) => verdictName.test(path) || hookName.test(path));
      if (planted.length > 0) return fail(`wrote ${[...new Set(planted)].join(', ')}`);
      return pass(
        `${files.length} files brought, ${written.length} written: no verdict, no evaluator`,
      );
    },
  }),
};

/** The model is as it was. */
export const modelFile: Check = {
  id: 'model-file',
  kind: 'integrity',
  required: always,
  open: () => ({
    async verdict({ model }) {
      if (model === null) return notRun('the model could not be read');
      const { before, after } = model;
      if (before === after) return pass(`unchanged: ${before.slice(0, 12)}…`);
      return fail(`changed from ${before.slice(0, 12)}… to ${after.slice(0, 12)}…`);
    },
  }),
};

/** Words that ask for a closer look; what a server does decides, not how its files look. */
const rules: readonly { why: string; pattern: RegExp }[] = [
  {
    why: 'a remote address',
    pattern: /\b(https?|wss?):\/\/(?!127\.|localhost|\[::1\]|0\.0\.0\.0|\$)[\w.-]+/i,
  },
  {
    why: 'fetches or installs',
    pattern:
      /\b(pip3? install|npm (i|install)|git clone|huggingface-cli|hf download|snapshot_download|curl|wget)\b/i,
  },
  { why: 'a library put in front', pattern: /LD_PRELOAD|DYLD_INSERT_LIBRARIES|PYTHONSTARTUP/ },
  { why: 'leaves the foreground', pattern: /\b(setsid|nohup|disown|daemon\()/ },
  {
    why: 'the evaluation by name',
    pattern: /BENCH_(EVAL|JUDGE|SECRET)|evaluate\.(py|sh)|inferencebench/i,
  },
];
const largeBytes = 16 * 1024 * 1024;

/** What the submission's files say; flags only. */
export const staticRules: Check = {
  id: 'static-rules',
  kind: 'integrity',
  required: never,
  open: () => ({
    async verdict({ files }) {
      const seen = files.flatMap(({ path, text, bytes }) => [
        ...rules
          .filter(({ pattern }) => text !== null && pattern.test(text))
          .map(({ why }) => `${path}: ${why}`),
        ...(bytes > largeBytes ? [`${path}: ${(bytes / 1e6).toFixed(0)} MB of data`] : []),
      ]);
      if (seen.length === 0) return pass(`${files.length} files, nothing odd`);
      return flag(seen.slice(0, 8).join('; '));
    },
  }),
};
