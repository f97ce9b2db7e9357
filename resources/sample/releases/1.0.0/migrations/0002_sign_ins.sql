CREATE TABLE sign_ins (
  id INTEGER PRIMARY KEY,
  user TEXT NOT NULL,
  at TEXT NOT NULL
);
CREATE INDEX notes_by_modification ON notes (modified_at);
