/** Public keys as a person types or pastes them: with spaces, commas or new lines between them. */
export function keysIn(text: string): string[] {
  return text.split(/[\s,]+/).filter((key) => key !== '');
}
