/** Keeps the values of secret environment variables out of what is shown. */

const telling = /PASS|SECRET|TOKEN|KEY|CREDENTIAL|AUTH|COOKIE|DSN|DATABASE_URL/i;
/** Shorter values, such as `1` or `true`, are no secrets and would blot out half of the text. */
const shortest = 6;

/** The text with the value of every variable that is named like a secret replaced by `***`. */
export function withoutSecrets(text: string, env: Readonly<Record<string, string>>): string {
  return secretValues(env).reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
}

/** The values of all variables that are named like a secret, the longest first: one may be part of another. */
export function secretValues(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env)
    .filter(([name, value]) => telling.test(name) && value.length >= shortest)
    .map(([, value]) => value)
    .sort((a, b) => b.length - a.length);
}
