CREATE TABLE tags (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);
CREATE TABLE note_tags (
  note TEXT NOT NULL REFERENCES notes (name) ON DELETE CASCADE ON UPDATE CASCADE,
  tag INTEGER NOT NULL REFERENCES tags (id),
  PRIMARY KEY (note, tag)
) WITHOUT ROWID;
INSERT INTO tags (name) SELECT DISTINCT entry.value FROM notes, json_each(notes.tag_list) AS entry ORDER BY entry.value;
INSERT INTO note_tags (note, tag)
  SELECT notes.name, tags.id FROM notes, json_each(notes.tag_list) AS entry JOIN tags ON tags.name = entry.value;
