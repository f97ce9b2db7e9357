/** What of a SQL migration matters: fingerprints that see through white space and comments. Pure. */
import { hashText } from '../platform/tree.ts';

/**
 * SHA-256 of the same text as editors and version control are known to rewrite it: other line ends, a line end at the end or none,
 * a byte order mark. A recorded checksum among these is a cosmetic difference, even without the original file.
 */
export function cosmeticVariants(text: string): string[] {
  const plain = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const ends = [plain, plain.replace(/\n+$/, ''), `${plain.replace(/\n+$/, '')}\n`, plain.replaceAll(/[ \t]+$/gm, '')];
  const texts = ends.flatMap((one) => [one, one.replaceAll('\n', '\r\n')]);
  const own = hashText(text);
  return [...new Set([...texts, ...texts.map((one) => `\uFEFF${one}`)].map(hashText))].filter((hash) => hash !== own);
}

/**
 * SHA-256 of the SQL without comments and with every run of white space as one space. What stands in quotes is kept to the letter
 * (https://www.sqlite.org/lang_comment.html, https://www.sqlite.org/lang_keywords.html).
 */
export function essenceOf(sql: string): string {
  const tokens = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[\s\uFEFF]+|[^]/g;
  let essence = '';
  for (const [token] of sql.matchAll(tokens)) {
    const blank = /^(?:--|\/\*|[\s\uFEFF])/.test(token);
    if (!blank) essence += token;
    else if (essence !== '' && !essence.endsWith(' ')) essence += ' ';
  }
  return hashText(essence.trimEnd());
}
