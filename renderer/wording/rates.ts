/** What a field for bytes a second takes; `parseBytes` reads it. Less than 1 KiB would never end. */
export const ratePattern = String.raw`\d+(?:\.\d+)?\s*[KMGkmg]i?[Bb]?`;
