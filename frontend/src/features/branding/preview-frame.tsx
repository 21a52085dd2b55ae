import { useEffect, useRef, useState } from 'react';
import { cx } from '@/ui/cx';
import { teachFaces } from './fonts';

interface PreviewFrameProps {
  /** A page of this host. Another address is loaded behind the one that is shown, and then takes its place. */
  src: string;
  title: string;
  /** The window that the page believes in, in CSS pixels. */
  width: number;
  height: number;
  /** Variables that the page gets at once, ahead of what the server has saved. */
  variables: Record<string, string> | null;
  className?: string;
}

/** How long a page may take to fill itself before it is shown as it is. Milliseconds. */
const PATIENCE = 2500;

/** A real page at the size of a real window, drawn smaller. It can be scrolled and read; nothing in it can be pressed. */
export function PreviewFrame({ src, title, width, height, variables, className }: PreviewFrameProps) {
  const box = useRef<HTMLDivElement>(null);
  const [scale, setScale] = useState(0.5);
  const [shown, setShown] = useState(src);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setScale(element.clientWidth / width));
    observer.observe(element);
    return () => observer.disconnect();
  }, [width]);
  return (
    <div ref={box} style={{ height: Math.round(height * scale) }} className={cx('relative overflow-hidden rounded-3 bg-canvas ring-1 ring-line-2', className)}>
      {(src === shown ? [src] : [shown, src]).map((address) => (
        <Page
          key={address}
          src={address}
          title={title}
          width={width}
          height={height}
          scale={scale}
          variables={variables}
          onReady={() => setShown(address)}
          hidden={address !== shown}
        />
      ))}
    </div>
  );
}

const sheets = new WeakMap<Document, CSSStyleSheet>();

/** Gives a page variables that weigh more than its own, also where a part of it is a brand's scope of its own. */
function dress(page: Document, variables: Record<string, string>): void {
  let sheet = sheets.get(page);
  if (!sheet) {
    // A sheet can be adopted only by the window that made it.
    const view = page.defaultView as (Window & { CSSStyleSheet: typeof CSSStyleSheet }) | null;
    if (!view) return;
    sheet = new view.CSSStyleSheet();
    sheets.set(page, sheet);
    page.adoptedStyleSheets.push(sheet);
  }
  const values = Object.entries(variables).map(([name, value]) => `${name}:${value}`);
  sheet.replaceSync(`[data-brand='tenant'][data-theme][data-theme]{${values.join(';')}}`);
}

interface PageProps extends Omit<PreviewFrameProps, 'className'> {
  scale: number;
  hidden: boolean;
  onReady: () => void;
}

function Page({ src, title, width, height, scale, variables, hidden, onReady }: PageProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [loaded, setLoaded] = useState(0);
  useEffect(() => {
    const page = frame.current?.contentDocument;
    if (page && variables && loaded) dress(page, variables);
  }, [loaded, variables]);
  useEffect(() => {
    if (!loaded) return;
    const since = loaded;
    const timer = window.setInterval(() => {
      const page = frame.current?.contentDocument;
      const filled = page?.querySelector('main') && !page.querySelector('main [aria-busy="true"]');
      if (!filled && performance.now() - since < PATIENCE) return;
      window.clearInterval(timer);
      onReady();
    }, 60);
    return () => window.clearInterval(timer);
    // Once for each load: who is told does not change what is waited for.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [loaded]);
  return (
    // Our own page, of this very origin: a sandbox that lets it run and be painted would hold nothing back.
    // oxlint-disable-next-line react/iframe-missing-sandbox
    <iframe
      ref={frame}
      src={src}
      title={title}
      tabIndex={-1}
      aria-hidden={hidden || undefined}
      style={{ width, height, transform: `scale(${scale})`, transformOrigin: '0 0' }}
      className={cx('absolute start-0 top-0 border-0', hidden && 'opacity-0')}
      onLoad={() => {
        const page = frame.current?.contentDocument;
        if (!page) return;
        // Looked at, not used: links and fields of a preview would lead away from it.
        page.body.inert = true;
        teachFaces(page);
        setLoaded(performance.now());
      }}
    />
  );
}
