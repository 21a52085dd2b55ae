import { type ReactNode, useId, useState } from 'react';

interface ChartFrameProps {
  title: ReactNode;
  /** What the chart says, in a sentence; also the picture's description. */
  sentence: ReactNode;
  showTable: string;
  showChart: string;
  chart: ReactNode;
  table: ReactNode;
}

/** A chart with its one sentence, and the same figures as a table for whoever would rather read. */
export function ChartFrame({ title, sentence, showTable, showChart, chart, table }: ChartFrameProps) {
  const id = useId();
  const [asTable, setAsTable] = useState(false);
  return (
    <figure aria-labelledby={`${id}-title`} aria-describedby={`${id}-sentence`} className="m-0 min-w-0">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1 sm:flex-nowrap">
        <h2 id={`${id}-title`} className="flex-none font-sans text-[13px] leading-[18px] font-semibold">
          {title}
        </h2>
        <p id={`${id}-sentence`} className="order-last min-w-0 flex-1 basis-full text-text-2 sm:order-none sm:basis-0">
          {sentence}
        </p>
        <button type="button" onClick={() => setAsTable(!asTable)} className="ms-auto flex-none rounded-1 text-text-3 underline decoration-line-2 underline-offset-3 hover:text-text pointer-coarse:min-h-11">
          {asTable ? showChart : showTable}
        </button>
      </div>
      <div className="mt-2.5">{asTable ? table : chart}</div>
    </figure>
  );
}
