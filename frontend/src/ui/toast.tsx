import { X } from 'lucide-react';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { Icon } from './icon';

interface ToastItem {
  id: number;
  text: string;
  action: { label: string; onPress: () => void } | undefined;
  /** Milliseconds; Infinity stays until closed. */
  duration: number;
}

let items: readonly ToastItem[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function set(next: readonly ToastItem[]): void {
  items = next;
  for (const listener of listeners) listener();
}

interface ToastOptions {
  action?: { label: string; onPress: () => void };
  duration?: number;
}

/**
 * One line about what just happened, with at most one action. Never the only place an error lives. Returns a function
 * that takes it away again.
 */
export function toast(text: string, { action, duration = 6000 }: ToastOptions = {}): () => void {
  const id = nextId++;
  // Three at most: a fourth pushes the oldest out.
  set([...items.slice(-2), { id, text, action, duration }]);
  return () => close(id);
}

function close(id: number): void {
  set(items.filter((item) => item.id !== id));
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

interface ToasterProps {
  /** Name of the region, with the key that jumps to it. */
  label: string;
  closeLabel: string;
}

/** Where toasts appear; one per surface. F8 moves the focus there, and while it is there (or the mouse) nothing leaves. */
export function Toaster({ label, closeLabel }: ToasterProps) {
  const shown = useSyncExternalStore(subscribe, () => items);
  const region = useRef<HTMLElement>(null);
  const before = useRef<Element | null>(null);
  const [held, setHeld] = useState(false);
  useEffect(() => {
    const jump = (event: KeyboardEvent) => {
      if (event.key !== 'F8' || items.length === 0) return;
      before.current = document.activeElement;
      region.current?.focus();
    };
    document.addEventListener('keydown', jump);
    return () => document.removeEventListener('keydown', jump);
  }, []);
  const back = () => {
    if (region.current?.contains(document.activeElement) && before.current instanceof HTMLElement) before.current.focus();
    setHeld(false);
  };
  return (
    <section
      ref={region}
      aria-label={label}
      tabIndex={-1}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={(event) => event.currentTarget.contains(event.relatedTarget) || setHeld(false)}
      className="fixed inset-x-3 bottom-[calc(16px+var(--toast-lift,0px))] z-50 mx-auto w-fit max-w-[min(560px,calc(100vw-24px))] outline-none"
    >
      <ol aria-live="polite" aria-relevant="additions" className="flex flex-col items-center gap-2">
        {shown.map((item) => (
          <Line
            key={item.id}
            item={item}
            held={held}
            closeLabel={closeLabel}
            onClose={() => {
              back();
              close(item.id);
            }}
          />
        ))}
      </ol>
    </section>
  );
}

interface LineProps {
  item: ToastItem;
  held: boolean;
  closeLabel: string;
  onClose: () => void;
}

function Line({ item, held, closeLabel, onClose }: LineProps) {
  const left = useRef(item.duration);
  useEffect(() => {
    if (held || !Number.isFinite(left.current)) return undefined;
    const since = Date.now();
    const timer = setTimeout(() => close(item.id), left.current);
    return () => {
      clearTimeout(timer);
      // Held halfway: what is left of the time runs on afterwards, but never less than a breath.
      left.current = Math.max(1500, left.current - (Date.now() - since));
    };
  }, [held, item.id]);
  return (
    <li className="flex min-h-11 items-center gap-1 rounded-[10px] bg-night ps-4 pe-1.5 text-[14px] leading-5 text-night-text shadow-[0_12px_32px_rgb(0_0_0/0.35)] ring-1 ring-white/10 animate-[rise_240ms_var(--ease-out)]">
      <span className="py-2.5 pe-2">{item.text}</span>
      {item.action ? (
        <button
          type="button"
          onClick={() => {
            item.action?.onPress();
            onClose();
          }}
          className="inline-flex h-8 flex-none items-center rounded-[6px] bg-white/12 px-2.5 font-[560] hover:bg-white/20 focus-visible:outline-night-text"
        >
          {item.action.label}
        </button>
      ) : null}
      <button
        type="button"
        aria-label={closeLabel}
        onClick={onClose}
        className="grid size-8 flex-none place-items-center rounded-[6px] hover:bg-white/12 focus-visible:outline-night-text pointer-coarse:size-11"
      >
        <Icon as={X} />
      </button>
    </li>
  );
}
