/** Passwords: kept as `scrypt$N$r$p$salt$key`, salt and key in base64url. */
import { randomBytes, scrypt, scryptSync, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

// 16 MiB and some 50 ms a try: the parameters that RFC 7914 section 2 gives for interactive logins.
const cost = { N: 16384, r: 8, p: 1 };

export function newPassword() {
  return randomBytes(12).toString('base64url');
}

export function hashPassword(password) {
  const salt = randomBytes(16);
  const key = scryptSync(password, salt, 32, cost);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** Whether the password is the one that was hashed. A hash that cannot be read fits no password. */
export async function isPassword(password, hash) {
  const [kind, N, r, p, salt, key] = hash.split('$');
  if (kind !== 'scrypt' || !key) return false;
  const expected = Buffer.from(key, 'base64url');
  const found = await promisify(scrypt)(password, Buffer.from(salt, 'base64url'), expected.length, {
    N: Number(N),
    r: Number(r),
    p: Number(p),
  });
  return timingSafeEqual(expected, found);
}
