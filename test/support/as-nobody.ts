/**
 * Runs a look at the disk without the superuser's rights, which permissions do not stop; whoever is not the superuser runs it as is.
 * 65534 is `nobody` on Debian. The effective user is that of the whole process: never use it in concurrent tests.
 */
export async function asNobody<T>(look: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return look();
  process.seteuid?.(65_534);
  try {
    return await look();
  } finally {
    process.seteuid?.(0);
  }
}
