import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useState } from 'react';
import type { OrganizationRow } from '@/api/staff';
import { stateTone, stateWord } from '@/features/staff-kit/words';
import { cx } from '@/ui/cx';
import { Icon } from '@/ui/icon';
import { Kbd } from '@/ui/kbd';
import { Status } from '@/ui/status';
import { lookupQuery } from './api';

interface OrganizationSearchProps {
  /** On the dark strip; otherwise in a dialog. */
  strip?: boolean;
  onPicked?: () => void;
}

/** Finds an organization by name, host, owner's address or id, from anywhere. The last row is the whole table. */
export function OrganizationSearch({ strip = false, onPicked }: OrganizationSearchProps) {
  const id = useId();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [asked, setAsked] = useState('');
  const [open, setOpen] = useState(false);
  const [current, setCurrent] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), 150);
    return () => clearTimeout(timer);
  }, [text]);
  const found = useQuery({ ...lookupQuery(asked), placeholderData: undefined });
  const rows = asked === '' ? [] : (found.data?.items ?? []);
  const shown = open && asked !== '';
  // One row more than there are matches: "all of them".
  const last = rows.length;
  const at = Math.min(current, last);

  const close = () => {
    setOpen(false);
    setText('');
    setAsked('');
    onPicked?.();
  };
  const pick = (index: number) => {
    const row = rows[index];
    if (row) void navigate({ to: '/organizations/$organization', params: { organization: row.id } });
    else void navigate({ to: '/organizations', search: { q: text.trim() || undefined } });
    close();
  };
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      setCurrent(event.key === 'ArrowDown' ? Math.min(last, at + 1) : Math.max(0, at - 1));
    } else if (event.key === 'Enter' && text.trim() !== '') {
      event.preventDefault();
      // Before the answer is there, Enter means the table: it asks the same.
      pick(asked === text.trim() && !found.isFetching ? at : last);
      event.currentTarget.blur();
    } else if (event.key === 'Escape' && (open || text !== '')) {
      event.stopPropagation();
      setOpen(false);
      setText('');
      event.currentTarget.blur();
    }
  };
  return (
    <div
      className="relative"
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <div
        className={cx(
          'flex items-center gap-2 rounded-[6px] ps-2.5 pe-1.5 ring-1 ring-inset focus-within:ring-2',
          strip ? 'h-[30px] bg-strip-raised text-strip-text ring-strip-line focus-within:ring-white' : 'h-11 bg-surface ring-control focus-within:ring-brand-focus',
        )}
      >
        <Icon as={Search} size={14} />
        <input
          {...(strip ? { 'data-strip-search': '' } : { autoFocus: true })}
          role="combobox"
          aria-label={t`Search organizations by name, host, e-mail or id`}
          aria-expanded={shown}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          {...(shown ? { 'aria-activedescendant': `${id}-${at}` } : {})}
          placeholder={t`Organization, host, e-mail or id`}
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setCurrent(0);
            setOpen(true);
          }}
          onFocus={() => setOpen(true)}
          onKeyDown={press}
          className={cx('h-full w-full min-w-0 flex-1 bg-transparent outline-none', strip ? 'text-white placeholder:text-strip-text' : 'placeholder:text-text-3')}
        />
        {strip ? <Kbd tone="night">/</Kbd> : null}
      </div>
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={t`Organizations`}
        hidden={!shown}
        className="absolute inset-x-0 top-[calc(100%+4px)] z-40 max-h-[60dvh] overflow-y-auto rounded-[10px] bg-raised p-1 text-text shadow-e2 md:min-w-[360px]"
      >
        {rows.map((row, index) => (
          <Option key={row.id} id={`${id}-${index}`} on={index === at} onPick={() => pick(index)} onPoint={() => setCurrent(index)}>
            <Match row={row} />
          </Option>
        ))}
        <Option id={`${id}-${last}`} on={at === last} onPick={() => pick(last)} onPoint={() => setCurrent(last)}>
          <span className="text-text-2">
            {found.isPending ? <Trans>Searching</Trans> : rows.length === 0 ? <Trans>Nothing matches “{asked}”. Open the table.</Trans> : <Trans>All matches in the table</Trans>}
          </span>
        </Option>
      </div>
    </div>
  );
}

function Match({ row }: { row: OrganizationRow }) {
  return (
    <>
      <span className="min-w-0 flex-1">
        <bdi className="block truncate font-medium">{row.name}</bdi>
        <span className="block truncate mono text-text-3">{row.host}</span>
      </span>
      <Status tone={stateTone(row.state)}>{stateWord(row.state)}</Status>
    </>
  );
}

interface OptionProps {
  id: string;
  on: boolean;
  onPick: () => void;
  onPoint: () => void;
  children: React.ReactNode;
}

function Option({ id, on, onPick, onPoint, children }: OptionProps) {
  return (
    // The keyboard acts through the field, which keeps the focus; this is for the pointer.
    <div
      id={id}
      role="option"
      aria-selected={on}
      tabIndex={-1}
      onPointerMove={onPoint}
      onPointerDown={(event) => event.preventDefault()}
      onClick={onPick}
      onKeyDown={(event) => event.key === 'Enter' && onPick()}
      className={cx('flex min-h-[38px] cursor-pointer items-center gap-3 rounded-[6px] px-2.5 py-1.5 pointer-coarse:min-h-11', on && 'bg-hover')}
    >
      {children}
    </div>
  );
}
