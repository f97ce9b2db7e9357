CREATE TABLE revisions (
  id INTEGER PRIMARY KEY,
  note TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  text TEXT NOT NULL,
  saved_at TEXT NOT NULL
);
CREATE INDEX revisions_by_note ON revisions (note, id);
