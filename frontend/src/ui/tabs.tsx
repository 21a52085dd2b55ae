import { Tabs as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from './cx';

export interface Tab<Value extends string> {
  value: Value;
  label: ReactNode;
  /** Quiet number after the word. */
  count?: number;
  content: ReactNode;
}

interface TabsProps<Value extends string> {
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  tabs: readonly Tab<Value>[];
  className?: string;
  panelClassName?: string;
}

/** Views of one thing: words with an edge underline. Keep the value in the URL. */
export function Tabs<Value extends string>({ label, value, onChange, tabs, className, panelClassName }: TabsProps<Value>) {
  return (
    <Radix.Root value={value} onValueChange={(next) => onChange(next as Value)} className={className}>
      <Radix.List aria-label={label} className="flex gap-6 overflow-x-auto border-b border-line [scrollbar-width:none]">
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.value}
            value={tab.value}
            className="relative flex-none rounded-t-1 pt-2.5 pb-[11px] font-medium whitespace-nowrap text-text-2 transition-colors duration-[90ms] after:absolute after:inset-x-0 after:-bottom-px after:h-0.5 after:rounded-t-[2px] hover:text-text focus-visible:-outline-offset-2 data-[state=active]:text-text data-[state=active]:after:bg-brand-edge"
          >
            {tab.label}
            {tab.count === undefined ? null : <span className="ms-1.5 text-text-3">{tab.count}</span>}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.value} value={tab.value} className={cx('outline-offset-4', panelClassName)}>
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
