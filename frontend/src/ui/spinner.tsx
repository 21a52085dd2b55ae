import { cx } from './cx';

/** The only looping motion in the product: 16 px, inside a button or a running step. */
export function Spinner({ className }: { className?: string }) {
  return (
    <span
      aria-hidden="true"
      className={cx(
        'inline-block size-4 flex-none animate-[turn_700ms_linear_infinite] rounded-full border-2 border-current border-r-transparent',
        className,
      )}
    />
  );
}
