/** What an item, or a part that drift looks at, is called where only its id is at hand, as in a receipt: `admin-login` is "Admin login". */
export function itemName(id: string): string {
  const words = id.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
