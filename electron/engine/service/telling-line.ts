/** A line that names what went wrong, in the words of runtimes and loggers. */
const namesFault = /(?:error|exception|fatal|panic|failed|failure|cannot|could not|denied|refused|unable|no space|not found)/i;
/** A frame of a stack trace: it says where, not what. */
const isFrame = /^\s*(?:at |File "|goroutine |\.\.\. )/;

/**
 * The one line of a log's end that says why a product ended: the last that names a fault, else the last there is. Runtimes print the
 * fault first and stack, version or exit status after it. Undefined where there is nothing to say.
 */
export function tellingLine(lines: readonly string[]): string | undefined {
  const said = lines.map((line) => line.trimEnd()).filter((line) => line.trim() !== '');
  return (said.findLast((line) => namesFault.test(line) && !isFrame.test(line)) ?? said.at(-1))?.trim();
}
