/** Whether a text is a SHA-256 or the like: nothing that a person reads. */
export function isHash(text: string | null): boolean {
  return text !== null && /^(?:sha256:)?[0-9a-f]{32,}$/.test(text);
}
