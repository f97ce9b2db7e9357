/** The history of notes, since 1.1: every text that was saved, for as many days as `history_days` says. */
export const keepsHistory = true;

export function addRevision(database, { name, sha256, modifiedAt }, text) {
  const last = database.prepare('SELECT sha256 FROM revisions WHERE note = ? ORDER BY id DESC LIMIT 1').get(name);
  if (last?.sha256 === sha256) return;
  database.prepare('INSERT INTO revisions (note, sha256, text, saved_at) VALUES (?, ?, ?, ?)').run(name, sha256, text, modifiedAt);
}

/** The newest first. */
export function readRevisions(database, note) {
  return database.prepare('SELECT id, sha256, text, saved_at AS savedAt FROM revisions WHERE note = ? ORDER BY id DESC').all(note);
}

export function pruneRevisions(database, days) {
  const limit = new Date(Date.now() - days * 86_400_000).toISOString();
  database.prepare('DELETE FROM revisions WHERE saved_at < ?').run(limit);
}
