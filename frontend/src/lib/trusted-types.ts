/**
 * Text that a page turns into elements has to pass a policy that the page's own rules name; a string by itself is
 * refused by the browser. Two policies exist, and this file is all there is to read about them.
 */

interface Policy {
  createHTML: (text: string) => string;
}

interface TrustedTypes {
  createPolicy: (
    name: string,
    rules: { createHTML: (text: string, type?: string, sink?: string) => string | null },
  ) => Policy;
}

const factory = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;

const richText = factory?.createPolicy('lms-rich-text', { createHTML: (text) => text });

/** HTML that the server rendered from an author's document and sanitised: the one kind that enters a page. */
export function renderedByServer(html: string): string {
  return richText ? richText.createHTML(html) : html;
}

/**
 * What libraries hand over without asking. Text without an opening bracket makes no element (style sheets of scroll
 * areas and lists), and what DOMParser makes is never in the page (the editor reads pasted text with it, and its schema
 * decides what stays). Everything else is refused and reported.
 */
export function guardStrings(): void {
  factory?.createPolicy('default', {
    createHTML: (text, _type, sink) => {
      if (!text.includes('<') || sink?.startsWith('DOMParser')) return text;
      // Called by a library, not by the browser: it has a policy of its own to fall back on.
      if (sink === undefined) throw new TypeError('not for this');
      return null;
    },
  });
}
