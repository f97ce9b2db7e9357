/** Files of the built screens as both wires serve them: which address names which file, and what type it has. */

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** @param extension with its dot */
export function typeOf(extension: string): string {
  return types[extension.toLowerCase()] ?? 'application/octet-stream';
}

/**
 * The parts of the path of a file below the folder of the screens, or null where the address names none.
 * Only plain names pass: letters, digits, `-`, `_`, and dots inside; no `..`, no hidden file, nothing that is still encoded.
 * @param path of an address, as it was sent
 */
export function fileAt(path: string): string[] | null {
  if (path === '/' || path === '') return ['index.html'];
  const parts = path.replace(/^\//, '').split('/');
  return parts.every((part) => /^[\w-]+(\.[\w-]+)*$/.test(part)) ? parts : null;
}
