/** Serves the built screens under Moult's own scheme, with the same walls as `moult serve`. */
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { protocol, type Session } from 'electron';
import { securityHeaders } from '../transport/content-policy.ts';
import { fileAt, typeOf } from '../transport/screen-files.ts';
import { isOwnPage, scheme } from './screens-address.ts';

/** Before the app is ready. */
export function registerScreensScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } }]);
}

/** @param files the folder of the built screens */
export function serveScreens(session: Session, files: string): void {
  session.protocol.handle(scheme, (request) => answer(files, request));
}

async function answer(files: string, request: Request): Promise<Response> {
  const path = isOwnPage(request.url) ? fileAt(new URL(request.url).pathname) : null;
  const content = path === null || request.method !== 'GET' ? null : await readFile(join(files, ...path)).catch(() => null);
  if (path === null || content === null) return new Response('There is no such page.\n', { status: 404, headers: securityHeaders });
  return new Response(content, { headers: { ...securityHeaders, 'content-type': typeOf(extname(path.at(-1) ?? '')) } });
}
