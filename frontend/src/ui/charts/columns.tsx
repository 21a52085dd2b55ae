interface ColumnsProps {
  /** In the order of time. */
  values: readonly { key: string; value: number; label: string }[];
  /** Said instead of the picture. */
  label: string;
  height?: number;
  /** Words under the first and the last column. */
  from: string;
  to: string;
  /** How the highest is written, where a plain number says too little. */
  figure?: (value: number) => string;
}

const WIDTH = 720;

/** Columns over time on a baseline, no grid: the highest is labelled with its figure, each tells itself to a pointer. */
export function Columns({ values, label, height = 120, from, to, figure = (value) => value.toLocaleString('en-GB') }: ColumnsProps) {
  const top = Math.max(1, ...values.map((one) => one.value));
  const step = WIDTH / Math.max(1, values.length);
  const room = height - 22;
  const highest = values.findLastIndex((one) => one.value === top);
  const share = (highest + 0.5) / Math.max(1, values.length);
  return (
    <div>
      <svg role="img" aria-label={label} viewBox={`0 0 ${WIDTH} ${height}`} preserveAspectRatio="none" className="block w-full" style={{ height }}>
        {values.map((one, index) => {
          const tall = one.value === 0 ? 0 : Math.max(2, (one.value / top) * room);
          return (
            <g key={one.key}>
              <title>{one.label}</title>
              <rect x={index * step} y={0} width={step} height={height} fill="transparent" />
              <rect x={index * step + step * 0.14} y={height - tall} width={step * 0.72} height={tall} fill="var(--signal-focus)" rx="1.5" />
            </g>
          );
        })}
        <path d={`M0 ${height - 0.5}H${WIDTH}`} stroke="var(--line-2)" vectorEffect="non-scaling-stroke" />
      </svg>
      <div aria-hidden="true" className="relative flex justify-between pt-1.5 t-xxs text-text-3">
        <span>{from}</span>
        <span>{to}</span>
        {highest >= 0 && top > 0 && values[highest]?.value ? (
          <span
            className="absolute font-medium whitespace-nowrap text-text-2 tabular-nums"
            // Above its column, and at the edges within the picture: as far in from its start as it is moved back.
            style={{ insetInlineStart: `${share * 100}%`, top: -height - 2, translate: `${-share * 100}% 0` }}
          >
            {figure(values[highest].value)}
          </span>
        ) : null}
      </div>
    </div>
  );
}
