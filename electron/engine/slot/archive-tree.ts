import { badArchive, collisionKey } from './archive-rules.ts';

type Kind = 'file' | 'folder' | 'link';

/** What an archive has claimed so far, so that no member can take, or lead through, the place of another. */
export class ArchiveTree {
  private readonly claimed = new Map<string, { path: string; kind: Kind }>();

  /** Takes the place of a member and of the folders above it. Returns the folders that are new, outermost first. Throws `bad-archive`. */
  claim(parts: readonly string[], kind: Kind): string[] {
    const folders: string[] = [];
    for (let depth = 1; depth < parts.length; depth += 1) {
      const folder = parts.slice(0, depth).join('/');
      if (this.enter(folder, parts.join('/'))) folders.push(folder);
    }
    const path = parts.join('/');
    const before = this.find(path, path);
    if (before !== null && (before !== 'folder' || kind !== 'folder')) throw badArchive(path, `it is there twice, first as a ${before}`);
    if (before === null) this.claimed.set(collisionKey(path), { path, kind });
    if (before === null && kind === 'folder') folders.push(path);
    return folders;
  }

  /** The kind of an earlier member; null where there is none. */
  kindOf(path: string): Kind | null {
    const entry = this.claimed.get(collisionKey(path));
    return entry?.path === path ? entry.kind : null;
  }

  /** True when the folder is new. */
  private enter(folder: string, member: string): boolean {
    const kind = this.find(folder, member);
    if (kind === 'link') throw badArchive(member, `its path leads through the link "${folder}"`);
    if (kind === 'file') throw badArchive(member, `its path leads through "${folder}", which is a file`);
    if (kind === null) this.claimed.set(collisionKey(folder), { path: folder, kind: 'folder' });
    return kind === null;
  }

  private find(path: string, member: string): Kind | null {
    const entry = this.claimed.get(collisionKey(path));
    if (entry === undefined) return null;
    if (entry.path !== path)
      throw badArchive(member, `"${path}" and "${entry.path}" are one file where case or accents are not told apart`);
    return entry.kind;
  }
}
