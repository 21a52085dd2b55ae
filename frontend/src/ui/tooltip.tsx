import { cloneElement, type FocusEvent, type PointerEvent, type ReactElement, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { Kbd } from './kbd';

type Side = 'top' | 'right' | 'bottom' | 'left';

interface Handlers {
  onPointerEnter?: (event: PointerEvent<HTMLElement>) => void;
  onPointerLeave?: (event: PointerEvent<HTMLElement>) => void;
  onPointerDown?: (event: PointerEvent<HTMLElement>) => void;
  onFocus?: (event: FocusEvent<HTMLElement>) => void;
  onBlur?: (event: FocusEvent<HTMLElement>) => void;
}

interface TooltipProps {
  label: ReactNode;
  /** The key that does the same. */
  shortcut?: string;
  side?: Side;
  /** One element that takes pointer and focus handlers and already has the label as its name. */
  children: ReactElement<Handlers>;
}

const GAP = 6;
const EDGE = 8;
const OPEN_AFTER = 400;
const CLOSE_AFTER = 80;

// Tooltips opened one after the other skip the wait.
let lastClosed = 0;

/**
 * Shows the name of a control that has only an icon. For eyes alone (the control carries the name itself), so it is
 * hidden from screen readers and never the only place of something a person needs to read. Escape puts it away.
 */
export function Tooltip({ label, shortcut, side = 'top', children }: TooltipProps) {
  const [target, setTarget] = useState<HTMLElement | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const open = (element: HTMLElement, wait: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setTarget(element), wait);
  };
  const close = (wait = 0) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      lastClosed = Date.now();
      setTarget(null);
    }, wait);
  };
  useEffect(() => () => clearTimeout(timer.current), []);

  const own = children.props;
  return (
    <>
      {cloneElement(children, {
        onPointerEnter(event: PointerEvent<HTMLElement>) {
          own.onPointerEnter?.(event);
          if (event.pointerType === 'mouse') open(event.currentTarget, Date.now() - lastClosed < 300 ? 0 : OPEN_AFTER);
        },
        onPointerLeave(event: PointerEvent<HTMLElement>) {
          own.onPointerLeave?.(event);
          close(CLOSE_AFTER);
        },
        onPointerDown(event: PointerEvent<HTMLElement>) {
          own.onPointerDown?.(event);
          close();
        },
        onFocus(event: FocusEvent<HTMLElement>) {
          own.onFocus?.(event);
          if (event.currentTarget.matches(':focus-visible')) open(event.currentTarget, 0);
        },
        onBlur(event: FocusEvent<HTMLElement>) {
          own.onBlur?.(event);
          close();
        },
      })}
      {target
        ? createPortal(
            <Tip target={target} side={side} onKeep={() => clearTimeout(timer.current)} onClose={close}>
              {label}
              {shortcut ? <Kbd tone="night">{shortcut}</Kbd> : null}
            </Tip>,
            document.body,
          )
        : null}
    </>
  );
}

interface TipProps {
  target: HTMLElement;
  side: Side;
  onKeep: () => void;
  onClose: (wait?: number) => void;
  children: ReactNode;
}

function Tip({ target, side, onKeep, onClose, children }: TipProps) {
  const tip = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (!tip.current) return;
    const { x, y } = place(target.getBoundingClientRect(), tip.current.getBoundingClientRect(), side);
    tip.current.style.translate = `${x}px ${y}px`;
  }, [target, side]);
  useEffect(() => {
    const away = (event: Event) => {
      if (!(event instanceof KeyboardEvent) || event.key === 'Escape') onClose();
    };
    document.addEventListener('keydown', away);
    window.addEventListener('scroll', away, true);
    return () => {
      document.removeEventListener('keydown', away);
      window.removeEventListener('scroll', away, true);
    };
    // `onClose` only clears timers and state; a newer one does the same.
    // oxlint-disable-next-line react/exhaustive-deps
  }, []);
  return (
    <div
      ref={tip}
      aria-hidden="true"
      onPointerEnter={onKeep}
      onPointerLeave={() => onClose(CLOSE_AFTER)}
      className="fixed start-0 top-0 z-50 flex w-max max-w-[280px] items-center gap-2 rounded-[6px] bg-night px-2.5 py-1.5 font-sans text-[13px] leading-[18px] text-night-text ring-1 ring-white/10 animate-[fade_160ms_var(--ease-out)]"
    >
      {children}
    </div>
  );
}

/** Beside the target, on the other side where there is no room, and always inside the window. */
function place(target: DOMRect, tip: DOMRect, side: Side): { x: number; y: number } {
  const { innerWidth: width, innerHeight: height } = window;
  const centre = { x: target.left + (target.width - tip.width) / 2, y: target.top + (target.height - tip.height) / 2 };
  const spots: Record<Side, { x: number; y: number }> = {
    top: { x: centre.x, y: target.top - tip.height - GAP },
    bottom: { x: centre.x, y: target.bottom + GAP },
    left: { x: target.left - tip.width - GAP, y: centre.y },
    right: { x: target.right + GAP, y: centre.y },
  };
  const opposite: Record<Side, Side> = { top: 'bottom', bottom: 'top', left: 'right', right: 'left' };
  const wanted = spots[side];
  const fits = wanted.x >= EDGE && wanted.y >= EDGE && wanted.x + tip.width <= width - EDGE && wanted.y + tip.height <= height - EDGE;
  const { x, y } = fits || side === 'left' || side === 'right' ? wanted : spots[opposite[side]];
  return {
    x: Math.round(Math.max(EDGE, Math.min(x, width - tip.width - EDGE))),
    y: Math.round(Math.max(EDGE, Math.min(y, height - tip.height - EDGE))),
  };
}
