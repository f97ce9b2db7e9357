/** Tags in releases before 1.2: one text with commas in the table of notes. */
export function readTags(database, note) {
  return split(database.prepare('SELECT tags FROM notes WHERE name = ?').get(note)?.tags ?? '');
}

export function writeTags(database, note, tags) {
  database.prepare('UPDATE notes SET tags = ? WHERE name = ?').run(tags.join(', '), note);
}

/** Every tag with the number of notes that bear it, by name. */
export function tagCounts(database) {
  const counts = new Map();
  for (const { tags } of database.prepare('SELECT tags FROM notes').all()) {
    for (const tag of split(tags)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  }
  return [...counts].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([tag, notes]) => ({ tag, notes }));
}

function split(tags) {
  return tags
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}
