import { X } from 'lucide-react';
import { Toast as Radix } from 'radix-ui';
import { useSyncExternalStore } from 'react';
import { Icon } from './icon';

interface ToastItem {
  id: number;
  text: string;
  action: { label: string; onPress: () => void } | undefined;
  /** Milliseconds; Infinity stays until closed. */
  duration: number;
  open: boolean;
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
  set([...items.slice(-2), { id, text, action, duration, open: true }]);
  return () => close(id);
}

function close(id: number): void {
  set(items.map((item) => (item.id === id ? { ...item, open: false } : item)));
  // Long enough for the exit to play, then it leaves the list.
  setTimeout(() => set(items.filter((item) => item.id !== id)), 200);
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

/** Where toasts appear; one per surface. F8 moves the focus there. */
export function Toaster({ label, closeLabel }: ToasterProps) {
  const shown = useSyncExternalStore(subscribe, () => items);
  return (
    <Radix.Provider swipeDirection="down" label={label}>
      {shown.map((item) => (
        <Radix.Root
          key={item.id}
          open={item.open}
          duration={item.duration}
          onOpenChange={(open) => open || close(item.id)}
          className="flex min-h-11 items-center gap-1 rounded-[10px] bg-night ps-4 pe-1.5 text-[14px] leading-5 text-night-text shadow-[0_12px_32px_rgb(0_0_0/0.35)] ring-1 ring-white/10 animate-[rise_240ms_var(--ease-out)] data-[state=closed]:animate-[sink_160ms_var(--ease-move)_forwards] data-[swipe=move]:translate-y-(--radix-toast-swipe-move-y)"
        >
          <Radix.Description className="py-2.5 pe-2">{item.text}</Radix.Description>
          {item.action ? (
            <Radix.Action
              altText={item.action.label}
              onClick={item.action.onPress}
              className="inline-flex h-8 flex-none items-center rounded-[6px] bg-white/12 px-2.5 font-[560] hover:bg-white/20 focus-visible:outline-night-text"
            >
              {item.action.label}
            </Radix.Action>
          ) : null}
          <Radix.Close
            aria-label={closeLabel}
            className="grid size-8 flex-none place-items-center rounded-[6px] hover:bg-white/12 focus-visible:outline-night-text"
          >
            <Icon as={X} />
          </Radix.Close>
        </Radix.Root>
      ))}
      <Radix.Viewport className="fixed inset-x-3 bottom-[calc(16px+var(--toast-lift,0px))] z-50 mx-auto flex w-fit max-w-[min(560px,calc(100vw-24px))] flex-col items-center gap-2 outline-none" />
    </Radix.Provider>
  );
}
