/** Tags since 2.0: tables of their own. */
export function readTags(database, note) {
  return database
    .prepare('SELECT tags.name FROM note_tags JOIN tags ON tags.id = note_tags.tag WHERE note_tags.note = ? ORDER BY tags.name')
    .all(note)
    .map((row) => row.name);
}

export function writeTags(database, note, tags) {
  database.prepare('DELETE FROM note_tags WHERE note = ?').run(note);
  for (const tag of tags) {
    database.prepare('INSERT INTO tags (name) VALUES (?) ON CONFLICT DO NOTHING').run(tag);
    database.prepare('INSERT INTO note_tags (note, tag) SELECT ?, id FROM tags WHERE name = ?').run(note, tag);
  }
}

/** Every tag with the number of notes that bear it, by name. */
export function tagCounts(database) {
  return database
    .prepare(
      'SELECT tags.name AS tag, count(*) AS notes FROM note_tags JOIN tags ON tags.id = note_tags.tag GROUP BY tags.id ORDER BY tags.name',
    )
    .all();
}
