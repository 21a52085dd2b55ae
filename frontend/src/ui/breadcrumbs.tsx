import { ChevronRight } from 'lucide-react';
import { Fragment, type ReactNode } from 'react';
import { Icon } from './icon';

/** Where this page stands; studio and staff only. Pass links for the way up and plain words for the page itself. */
export function Breadcrumbs({ label, items }: { label: string; items: readonly ReactNode[] }) {
  return (
    <nav aria-label={label}>
      <ol className="flex min-w-0 items-center gap-2 text-text-2">
        {items.map((item, index) => (
          // The trail's order is its identity.
          <Fragment key={index}>
            {index > 0 ? (
              <li aria-hidden="true">
                <Icon as={ChevronRight} size={14} mirror />
              </li>
            ) : null}
            <li
              className={index === items.length - 1 ? 'truncate font-medium text-text' : 'truncate'}
              aria-current={index === items.length - 1 ? 'page' : undefined}
            >
              {item}
            </li>
          </Fragment>
        ))}
      </ol>
    </nav>
  );
}
