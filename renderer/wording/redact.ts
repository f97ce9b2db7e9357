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
  // password=…, "api_key": "…", JWT_SECRET: …
  [
    /((?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|private[_-]?key|credential|cookie|session)[\w-]*["']?\s*[:=]\s*)("[^"\n]*"|'[^'\n]*'|[^\s,;&]+)/gi,
    `$1${mark}`,
  ],
];

export function redact(text: string): string {
  return patterns.reduce((current, [pattern, replacement]) => current.replace(pattern, replacement), text);
}
