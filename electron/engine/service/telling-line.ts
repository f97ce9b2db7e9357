/** How runtimes begin the line that names an uncaught fault: `TypeError: …`, `java.io.IOException: …`, `panic: …`, `fatal: …`. */
const isHeading = /^(?:Uncaught |Exception in .*? )?(?:[\w.$]*(?:Error|Exception)\b[^:]*|panic|fatal|FATAL|error|ERROR): \S/;
/** Words of loggers. */
const namesFault = /error|exception|fatal|panic|failed|failure|cannot|could not|denied|refused|unable|no space|not found/i;
/** A frame of a stack trace: it says where, not what. */
const isFrame = /^\s*(?:at |File "|goroutine |\.\.\. )/;

/**
 * The one line of a log's end that says why a product ended: the last that a runtime heads a fault with, else the last that names one,
 * else the last there is. Runtimes print the fault first and stack, particulars, version or exit status after it. Undefined where there
 * is nothing to say.
 */
export function tellingLine(lines: readonly string[]): string | undefined {
  const said = lines.map((line) => line.trimEnd()).filter((line) => line.trim() !== '');
  const heading = said.findLast((line) => isHeading.test(line));
  return (heading ?? said.findLast((line) => namesFault.test(line) && !isFrame.test(line)) ?? said.at(-1))?.trim();
}
