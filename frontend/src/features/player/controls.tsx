import { ControlBar } from './control-bar';
import type { Chapter } from './model';
import { Scrubber } from './scrubber';

/** The bar and the buttons under it: fetched with the engine, because the poster needs neither. */
export default function Controls({ chapters }: { chapters: readonly Chapter[] }) {
  return (
    <>
      <Scrubber chapters={chapters} />
      <ControlBar chapters={chapters} />
    </>
  );
}
