/** Tags in 1.2: a JSON list beside the old text with commas. Both are written, so that 2.0 finds a clean list and nothing is lost on the way. */
export function readTags(database, note) {
  return JSON.parse(database.prepare('SELECT tag_list FROM notes WHERE name = ?').get(note)?.tag_list ?? '[]');
}

export function writeTags(database, note, tags) {
  database.prepare('UPDATE notes SET tags = ?, tag_list = ? WHERE name = ?').run(tags.join(', '), JSON.stringify(tags), note);
}

/** Every tag with the number of notes that bear it, by name. */
export function tagCounts(database) {
  return database
    .prepare(
      'SELECT entry.value AS tag, count(*) AS notes FROM notes, json_each(notes.tag_list) AS entry GROUP BY entry.value ORDER BY entry.value',
    )
    .all();
}
