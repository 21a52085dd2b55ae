import { t } from '@lingui/core/macro';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useState } from 'react';
import { call } from '@/api/client';
import type { OrganizationRow } from '@/api/staff';
import { cx } from '@/ui/cx';
import { IconButton } from '@/ui/icon-button';

/** An organization by name, for forms that mean one. */
export interface Picked {
  id: string;
  name: string;
}

const choicesQuery = (q: string) =>
  queryOptions({
    queryKey: ['organizations', 'choices', q],
    queryFn: ({ signal }) => call<{ items: OrganizationRow[] }>('GET', 'organizations/', { signal, query: { q, limit: 6 } }),
    enabled: q !== '',
    placeholderData: undefined,
  });

export const organizationNameQuery = (id: string) =>
  queryOptions({
    queryKey: ['organizations', 'name', id],
    // From the list, which finds ids too: an organization's own page counts everything anew.
    queryFn: ({ signal }) =>
      call<{ items: OrganizationRow[] }>('GET', 'organizations/', { signal, query: { q: id, limit: 1 } }).then(
        (answer) => answer.items[0] ?? { id, name: id.slice(0, 8) },
      ),
    staleTime: Infinity,
  });

/** The name of an organization that is only known by its id; the id itself until the name is there. */
export function OrganizationName({ id }: { id: string }) {
  const found = useQuery(organizationNameQuery(id));
  return <bdi>{found.data?.name ?? id.slice(0, 8)}</bdi>;
}

interface OrganizationPickerProps {
  label: string;
  value: Picked | null;
  onChange: (value: Picked | null) => void;
  className?: string;
}

/** Type a few letters, choose one. */
export function OrganizationPicker({ label, value, onChange, className }: OrganizationPickerProps) {
  const id = useId();
  const [text, setText] = useState('');
  const [asked, setAsked] = useState('');
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), 150);
    return () => clearTimeout(timer);
  }, [text]);
  const found = useQuery(choicesQuery(asked));
  const rows = asked === '' ? [] : (found.data?.items ?? []);
  const pick = (row: OrganizationRow | undefined) => {
    if (!row) return;
    onChange({ id: row.id, name: row.name });
    setText('');
    setOpen(false);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setAt(Math.max(0, Math.min(rows.length - 1, at + (event.key === 'ArrowDown' ? 1 : -1))));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      pick(rows[at]);
    } else if (event.key === 'Escape' && open) {
      event.stopPropagation();
      setOpen(false);
    }
  };
  if (value) {
    return (
      <span className={cx('flex h-(--ctl) items-center gap-1 rounded-2 border border-line-2 bg-sunken ps-3 pe-0.5', className)}>
        <bdi className="min-w-0 flex-1 truncate">{value.name}</bdi>
        <IconButton size="sm" icon={X} iconSize={14} label={t`Not ${value.name}`} onClick={() => onChange(null)} />
      </span>
    );
  }
  const shown = open && rows.length > 0;
  return (
    <span className={cx('relative block', className)} onBlur={(event) => event.currentTarget.contains(event.relatedTarget) || setOpen(false)}>
      <input
        role="combobox"
        aria-label={label}
        aria-expanded={shown}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        {...(shown ? { 'aria-activedescendant': `${id}-${at}` } : {})}
        placeholder={label}
        autoComplete="off"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
          setOpen(true);
        }}
        onKeyDown={press}
        className="h-(--ctl) w-full rounded-2 border border-control bg-surface px-3 outline-none placeholder:text-text-3 focus:border-brand-focus focus:outline-2 focus:-outline-offset-1 focus:outline-brand-focus"
      />
      <div id={`${id}-list`} role="listbox" aria-label={label} hidden={!shown} className="absolute inset-x-0 top-[calc(100%+4px)] z-40 rounded-[10px] bg-raised p-1 shadow-e2">
        {rows.map((row, index) => (
          <div
            key={row.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            tabIndex={-1}
            onPointerMove={() => setAt(index)}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => pick(row)}
            onKeyDown={(event) => event.key === 'Enter' && pick(row)}
            className={cx('flex min-h-[34px] cursor-pointer items-center rounded-[6px] px-2.5 pointer-coarse:min-h-11', index === at && 'bg-hover')}
          >
            <bdi className="truncate">{row.name}</bdi>
          </div>
        ))}
      </div>
    </span>
  );
}
