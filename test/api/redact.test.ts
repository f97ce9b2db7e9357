import { expect, test } from 'vitest';
import { redact } from '../../electron/api/redact.ts';

test.for([
  'password=hunter22',
  'admin_password: "hunter22 with spaces"',
  "JWT_SECRET='hunter22'",
  '{"api_key": "hunter22"}',
  'Authorization: Bearer hunter22abc',
  'postgres://ann:hunter22@db/notes',
  'https://127.0.0.1:6685/?token=hunter22',
  'Cookie: sid=hunter22',
  '-----BEGIN RSA PRIVATE KEY-----\nhunter22\n-----END RSA PRIVATE KEY-----',
])('%s is taken out', (text) => {
  expect(redact(text)).not.toContain('hunter22');
  expect(redact(text)).toContain('[secret taken out]');
});

test.for([
  'sprig --admin-password hunter22 --port 80',
  'using ghp_hunter22hunter22',
  'AKIAHUNTER22HUNTER22 was used',
  'sk_live_hunter22hunter22',
])('%s is taken out too', (text) => {
  expect(redact(text)).not.toMatch(/hunter22/i);
});

test('what is known to be secret is taken out, whatever it looks like and however it is written', () => {
  const known = ['correct horse "battery"', 'correct'];
  expect(redact('{"note":"correct horse \\"battery\\""} correct horse "battery" and correct', known)).toBe(
    '{"note":"[secret taken out]"} [secret taken out] and [secret taken out]',
  );
});

test('a token of a session is taken out', () => {
  expect(redact('sent eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl to it')).toBe('sent [secret taken out] to it');
});

test('what is no secret stays', () => {
  const text = 'GET /notes/7 200 3 ms\nrelease 2.0.0 at /home/ann/.sprig, schema 6';
  expect(redact(text)).toBe(text);
});
