/** Joins class names and drops what is falsy. Later classes do not override earlier ones: keep variants apart instead. */
export function cx(...parts: (string | false | null | undefined)[]): string {
  return parts.filter(Boolean).join(' ');
}
