/** Languages offered first for captions; any other BCP 47 tag can be typed. */
const COMMON = ['en', 'es', 'pt', 'fr', 'de', 'it', 'nl', 'pl', 'uk', 'tr', 'ar', 'hi', 'vi', 'id', 'zh', 'ja', 'ko'];

/** A language's name in itself ("Português"), as its speakers look for it. Falls back to the tag. */
export function languageName(tag: string): string {
  try {
    const name = new Intl.DisplayNames([tag], { type: 'language' }).of(tag);
    return name ? name.charAt(0).toLocaleUpperCase(tag) + name.slice(1) : tag;
  } catch {
    return tag;
  }
}

export function languageOptions(): { value: string; label: string }[] {
  return COMMON.map((tag) => ({ value: tag, label: languageName(tag) }));
}

/** The language a file name tells ("lesson.pt-BR.vtt"), if it tells one. */
export function languageFromName(name: string): string | null {
  const match = /[._-]([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?)\.(?:vtt|srt)$/i.exec(name);
  const tag = match?.[1];
  return tag && COMMON.includes(tag.split('-')[0]!.toLowerCase()) ? tag : null;
}
