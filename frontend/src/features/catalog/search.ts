function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Whether every word of the query occurs in one of the texts, without case and accents. An empty query matches all. */
export function matches(query: string, ...texts: (string | null | undefined)[]): boolean {
  const words = fold(query).split(/\s+/).filter(Boolean);
  const all = fold(texts.filter(Boolean).join(' '));
  return words.every((word) => all.includes(word));
}
