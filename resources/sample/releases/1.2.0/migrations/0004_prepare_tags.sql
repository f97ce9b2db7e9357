-- Tags as a JSON list, lower-case and without doubles, so that 2.0 can move them into tables of their own.
ALTER TABLE notes ADD COLUMN tag_list TEXT NOT NULL DEFAULT '[]';
UPDATE notes SET tag_list = (
  WITH RECURSIVE parts (part, rest) AS (
    SELECT '', notes.tags || ','
    UNION ALL
    SELECT lower(trim(substr(rest, 1, instr(rest, ',') - 1))), substr(rest, instr(rest, ',') + 1) FROM parts WHERE rest <> ''
  )
  SELECT json_group_array(part) FROM (SELECT DISTINCT part FROM parts WHERE part <> '' ORDER BY part)
);
