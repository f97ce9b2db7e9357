import { ExternalLink as Arrow } from 'lucide-react';
import type { ReactNode } from 'react';

/** A link to the world outside. Addresses come from descriptors and feeds: anything but the web is shown as text and leads nowhere. */
export function ExternalLink({ address, children }: { address: string; children: ReactNode }) {
  if (!isWeb(address)) return <span>{children}</span>;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer">
      {children} <Arrow size={12} role="img" aria-label="opens in the browser" />
    </a>
  );
}

function isWeb(address: string): boolean {
  try {
    return ['https:', 'http:'].includes(new URL(address).protocol);
  } catch {
    return false;
  }
}
