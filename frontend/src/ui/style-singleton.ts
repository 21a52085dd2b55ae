/**
 * Stands in for the package of the same job that the scroll lock under a dialog uses (see the alias in vite.config.ts).
 * The original writes a `<style>` element, which our content security policy refuses; a constructed sheet is the same
 * rules without inline code.
 */
import { useEffect } from 'react';

interface Singleton {
  add: (css: string) => void;
  remove: () => void;
}

export function stylesheetSingleton(): Singleton {
  let users = 0;
  let sheet: CSSStyleSheet | undefined;
  return {
    add(css) {
      if (users === 0) {
        sheet = new CSSStyleSheet();
        sheet.replaceSync(css);
        document.adoptedStyleSheets.push(sheet);
      }
      users += 1;
    },
    remove() {
      users -= 1;
      if (users === 0 && sheet) {
        const gone = sheet;
        document.adoptedStyleSheets = document.adoptedStyleSheets.filter((kept) => kept !== gone);
        sheet = undefined;
      }
    },
  };
}

export function styleHookSingleton() {
  const singleton = stylesheetSingleton();
  return function useStyle(styles: string, isDynamic: boolean) {
    useEffect(() => {
      singleton.add(styles);
      return () => singleton.remove();
      // As in the original: dynamic styles follow their text, the others are fixed at first use.
      // oxlint-disable-next-line react/exhaustive-deps
    }, [styles && isDynamic]);
  };
}

export function styleSingleton() {
  const useStyle = styleHookSingleton();
  return function Sheet({ styles, dynamic }: { styles: string; dynamic?: boolean }) {
    useStyle(styles, dynamic ?? false);
    return null;
  };
}
