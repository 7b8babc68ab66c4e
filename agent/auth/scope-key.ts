// The name of a scope set: the same scopes in any order are one key.

export function scopeKey(scopes: readonly string[]): string {
  return [...scopes].sort().join(' ');
}
