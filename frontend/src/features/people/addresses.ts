export interface Addresses {
  /** Lower case, each once, in the order they were written. */
  valid: string[];
  /** What could not be read as an address. */
  invalid: string[];
}

/**
 * Reads what people paste: one or many addresses, by lines, commas or semicolons, plain or as `Name <address>`.
 */
export function readAddresses(text: string): Addresses {
  const valid = new Set<string>();
  const invalid: string[] = [];
  for (const part of text.split(/[\n,;]+/)) {
    const written = part.trim();
    if (!written) continue;
    const inner = /<([^<>]+)>\s*$/.exec(written)?.[1]?.trim();
    const words = inner === undefined ? written.split(/\s+/) : [inner];
    for (const word of words) {
      if (/^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>".]+$/.test(word) || /^[^\s@<>"]+@localhost$/.test(word)) valid.add(word.toLowerCase());
      else invalid.push(word);
    }
  }
  return { valid: [...valid], invalid };
}
