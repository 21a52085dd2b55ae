import { Fragment } from 'react';

/** A technical name that may break after its dots and underscores, and nowhere else where there is room. */
export function Breaks({ name }: { name: string }) {
  return name.split(/(?<=[._])/).map((part, index) => (
    // The parts of one name never change places, and two may be the same.
    // oxlint-disable-next-line react/no-array-index-key
    <Fragment key={index}>
      {index > 0 ? <wbr /> : null}
      {part}
    </Fragment>
  ));
}
