import type { CSSProperties } from 'react';
import { cx } from './cx';

export interface TrackSegment {
  /** Share of the width, in any unit (minutes, bytes). */
  weight: number;
  /** What is filled, as [from, to] between 0 and 1, in order. Gaps stay gaps. */
  spans?: readonly (readonly [number, number])[];
  key?: string;
  /** A diamond instead of a band: a question, a gate. */
  mark?: boolean;
  /** A condition other than progress. */
  tone?: 'progress' | 'danger' | 'success';
}

interface TrackProps {
  segments: readonly TrackSegment[];
  /** Said instead of the picture. */
  label: string;
  /** Pixels. Use at least 6 where the brand's edge differs from its fill. */
  height?: number;
  className?: string;
}

const FILL = { progress: 'bg-progress', danger: 'bg-danger-mark', success: 'bg-success-mark' };

/**
 * The signature: a band of segments. A segment is a lesson, a part or a step; its width is its length, its fill what
 * has really been done, gaps included.
 */
export function Track({ segments, label, height = 6, className }: TrackProps) {
  return (
    <div role="img" aria-label={label} style={{ height }} className={cx('flex w-full gap-(--track-gap)', className)}>
      {segments.map((segment, index) => (
        <span
          key={segment.key ?? index}
          style={segmentStyle(segment, height)}
          className={cx(
            'relative min-w-0.5 overflow-hidden bg-track',
            segment.mark ? 'rotate-45 scale-[0.78] rounded-[1px]' : 'rounded-[1.5px] first:rounded-s-full last:rounded-e-full',
          )}
        >
          {(segment.spans ?? []).map(([from, to]) => (
            <span
              key={from}
              style={{ insetInlineStart: `${from * 100}%`, width: `${Math.max(0, to - from) * 100}%` }}
              className={cx(
                'absolute inset-y-0 transition-[width] duration-[240ms] ease-move',
                FILL[segment.tone ?? 'progress'],
                (segment.tone ?? 'progress') === 'progress' && 'ring-1 ring-(--progress-edge) ring-inset',
              )}
            />
          ))}
        </span>
      ))}
    </div>
  );
}

function segmentStyle(segment: TrackSegment, height: number): CSSProperties {
  return segment.mark ? { flex: `0 0 ${height}px` } : { flex: `${Math.max(segment.weight, 0.001)} 1 0` };
}
