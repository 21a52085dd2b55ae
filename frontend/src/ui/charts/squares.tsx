export type SquareLook = 'solid' | 'ring' | 'quiet' | 'bad' | 'warn';

interface SquaresProps {
  squares: readonly { look: SquareLook; title: string }[];
  /** Said instead of the picture. */
  label: string;
}

const SIDE = 8;

/** Many like things as small squares, wrapped like words. Conditions differ by shape too: full, ring, smaller, diamond. */
export function Squares({ squares, label }: SquaresProps) {
  return (
    <div role="img" aria-label={label} className="flex flex-wrap gap-[3px]">
      {squares.map((square, index) => (
        <svg key={index} width={SIDE} height={SIDE} viewBox={`0 0 ${SIDE} ${SIDE}`} aria-hidden="true" className="flex-none overflow-visible">
          <title>{square.title}</title>
          <Shape look={square.look} />
        </svg>
      ))}
    </div>
  );
}

export function SquareKey({ look }: { look: SquareLook }) {
  return (
    <svg width={SIDE} height={SIDE} viewBox={`0 0 ${SIDE} ${SIDE}`} aria-hidden="true" className="flex-none overflow-visible">
      <Shape look={look} />
    </svg>
  );
}

function Shape({ look }: { look: SquareLook }) {
  switch (look) {
    case 'solid':
      return <rect width={SIDE} height={SIDE} rx="1.5" fill="var(--signal-focus)" />;
    case 'ring':
      return <rect x="0.75" y="0.75" width={SIDE - 1.5} height={SIDE - 1.5} rx="1.5" fill="var(--signal-soft)" stroke="var(--signal-focus)" strokeWidth="1.5" />;
    case 'quiet':
      return <rect x="0.75" y="0.75" width={SIDE - 1.5} height={SIDE - 1.5} rx="1.5" fill="none" stroke="var(--control)" strokeWidth="1.5" />;
    case 'warn':
      return <rect x="1" y="1" width={SIDE - 2} height={SIDE - 2} fill="var(--warning-mark)" transform={`rotate(45 ${SIDE / 2} ${SIDE / 2})`} />;
    case 'bad':
      return <rect x="-0.5" y="-0.5" width={SIDE + 1} height={SIDE + 1} fill="var(--danger-mark)" />;
  }
}
