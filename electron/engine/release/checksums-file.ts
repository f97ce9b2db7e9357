/**
 * The SHA-256 of each file in the output of `sha256sum`: `<sha256>  <file>`, with `*` before the name of a file read as binary
 * (https://www.gnu.org/software/coreutils/manual/html_node/cksum-output-modes.html). Lines of another shape are passed over; a file
 * with two different checksums has none.
 */
export function parseChecksums(text: string): Map<string, string> {
  const sums = new Map<string, string>();
  const doubtful = new Set<string>();
  for (const line of text.split(/\r?\n/)) {
    const match = /^([0-9a-fA-F]{64})[ \t]+\*?(?:\.\/)?(\S+)\s*$/.exec(line);
    if (match === null) continue;
    const [sum, name] = [(match[1] as string).toLowerCase(), match[2] as string];
    if (sums.has(name) && sums.get(name) !== sum) doubtful.add(name);
    sums.set(name, sum);
  }
  for (const name of doubtful) sums.delete(name);
  return sums;
}
