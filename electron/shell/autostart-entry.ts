/**
 * The file that starts a program at login on Linux. Formats: Desktop Application Autostart Specification 0.5 and Desktop Entry
 * Specification 1.5, "The Exec key": arguments are quoted, and four characters are escaped inside the quotes.
 * @param command the program and its arguments
 */
export function autostartEntry(command: readonly string[]): string {
  const exec = command.map(quoted).join(' ');
  return `[Desktop Entry]\nType=Application\nName=Moult\nComment=Upgrades, backs up and restores self-hosted installs\nExec=${exec}\nTerminal=false\nX-GNOME-Autostart-enabled=true\n`;
}

/** The value of a key is unescaped before its quotes are read: a backslash is written twice as often. A percent sign begins a field code. */
function quoted(argument: string): string {
  if (/^[\w@+=:,./-]+$/.test(argument)) return argument;
  const inside = argument.replaceAll(/["`$\\]/g, String.raw`\$&`).replaceAll('%', '%%');
  return `"${inside.replaceAll('\\', '\\\\')}"`;
}
