/** Secrets taken out of texts that leave this machine. Better one too many than one too few. */

const mark = '[secret taken out]';

const patterns: readonly (readonly [RegExp, string])[] = [
  // A whole key in PEM form.
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g, mark],
  // user:password@ in addresses.
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s/:@]*):[^\s@/]+@/gi, `$1:${mark}@`],
  // Authorization: Bearer …
  [/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${mark}`],
  // JSON Web Tokens.
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, mark],
  // Keys of services that mark theirs: GitHub, GitLab, Slack, Stripe, OpenAI, AWS.
  [/\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|[rs]k_(?:live|test)_|sk-)[\w-]{10,}|\bAKIA[A-Z0-9]{16}\b/g, mark],
  // --password … on a command line
  [/((?<!\w)--?[\w-]*(?:pass(?:word|wd|phrase)?|secret|token|api-?key|credential)[\w-]*\s+)("[^"\n]*"|'[^'\n]*'|[^\s-]\S*)/gi, `$1${mark}`],
  // password=…, "api_key": "…", JWT_SECRET: …
  [
    /((?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|private[_-]?key|credential|cookie|session)[\w-]*["']?\s*[:=]\s*)("[^"\n]*"|'[^'\n]*'|[^\s,;&]+)/gi,
    `$1${mark}`,
  ],
];

/** @param known values that are secret whatever they look like; they are found in JSON as well */
export function redact(text: string, known: readonly string[] = []): string {
  const values = known.flatMap((value) => [value, JSON.stringify(value).slice(1, -1)]).toSorted((one, other) => other.length - one.length);
  const without = values.reduce((current, value) => (value === '' ? current : current.replaceAll(value, mark)), text);
  return patterns.reduce((current, [pattern, replacement]) => current.replace(pattern, replacement), without);
}
