/** What may happen to a link that leads out of Moult. */

export type LinkVerdict =
  /** The system's browser opens it. */
  | 'open'
  /** It opens once a person agreed to the host. */
  | 'ask'
  /** It is no link to a page. */
  | 'refuse';

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Judges a link by itself: what is not http or https never reaches the system, which would start programs for it.
 * @param known hosts that need no question: those that the descriptors name
 */
export function judgeLink(address: string, known: ReadonlySet<string>): LinkVerdict {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || address.length > 2000 || (url.protocol !== 'https:' && url.protocol !== 'http:')) return 'refuse';
  // A name and password in an address is a trick: https://known.example@evil.example/
  if (url.username !== '' || url.password !== '') return 'refuse';
  if (loopback.has(url.hostname)) return 'open';
  return url.protocol === 'https:' && known.has(url.hostname) ? 'open' : 'ask';
}

/** The hosts of all links of the catalogue. */
export function hostsOf(products: readonly { links: Record<string, string> }[]): Set<string> {
  const links = products.flatMap((product) => Object.values(product.links));
  return new Set(links.flatMap((link) => (URL.canParse(link) ? [new URL(link).hostname] : [])));
}
