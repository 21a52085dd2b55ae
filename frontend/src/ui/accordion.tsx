import { ChevronDown } from 'lucide-react';
import { Accordion as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from './cx';
import { Icon } from './icon';

interface AccordionProps {
  items: readonly { value: string; title: ReactNode; content: ReactNode }[];
  /** Which are open at first. */
  defaultOpen?: string[];
  headingLevel?: 2 | 3 | 4;
  className?: string;
}

/** Rows that open in place, in one hairline panel. */
export function Accordion({ items, defaultOpen = [], headingLevel = 3, className }: AccordionProps) {
  const Heading = `h${headingLevel}` as const;
  return (
    <Radix.Root
      type="multiple"
      defaultValue={defaultOpen}
      className={cx('divide-y divide-line overflow-hidden rounded-3 border border-line bg-surface', className)}
    >
      {items.map((item) => (
        <Radix.Item key={item.value} value={item.value}>
          <Radix.Header asChild>
            <Heading className="font-sans">
              <Radix.Trigger className="group flex min-h-(--ctl) w-full items-center justify-between gap-4 px-4 py-2.5 text-start font-[540] focus-visible:-outline-offset-2">
                {item.title}
                <Icon
                  as={ChevronDown}
                  className="transition-transform duration-[160ms] group-data-[state=open]:rotate-180"
                />
              </Radix.Trigger>
            </Heading>
          </Radix.Header>
          <Radix.Content className="px-4 pb-4 text-text-2">{item.content}</Radix.Content>
        </Radix.Item>
      ))}
    </Radix.Root>
  );
}
