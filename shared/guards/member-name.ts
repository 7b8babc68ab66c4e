// One spelling of the names of arguments and members, in which they are compared.

/** In small letters, without signs: `entityUrl`, `entity_url` and `Entity-URL` are one. */
export function memberName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}
