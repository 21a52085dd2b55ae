import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { ChevronDown, LifeBuoy, Search, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { membersQuery } from '@/features/people/api';
import { Avatar } from '@/ui/avatar';
import { Button } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { Input } from '@/ui/input';
import { Popover } from '@/ui/popover';
import { Select } from '@/ui/select';
import { type AuditSearch, groupsQuery } from './api';

interface FiltersProps {
  search: AuditSearch;
  onChange: (next: AuditSearch, replace?: boolean) => void;
}

/** Person, kind of act, days, and what support did. */
export function Filters({ search, onChange }: FiltersProps) {
  const groups = useQuery(groupsQuery);
  return (
    <div role="group" aria-label={t`Filters`} className="flex flex-wrap items-center gap-2">
      <PersonFilter person={search.person} onChange={(person) => onChange({ person })} />
      <Select
        aria-label={t`Kind of act`}
        className="w-full! sm:w-48!"
        value={search.group ?? 'any'}
        onChange={(group) => onChange({ group: group === 'any' ? undefined : group })}
        options={[
          { value: 'any', label: t`Everything` },
          ...(groups.data?.items ?? []).map((group) => ({ value: group.key, label: group.words })),
        ]}
      />
      <Input
        quiet
        type="date"
        aria-label={t`From this day`}
        className="w-[calc(50%-4px)] sm:w-40"
        value={search.since ?? ''}
        max={search.until}
        onChange={(event) => onChange({ since: event.target.value || undefined }, true)}
      />
      <Input
        quiet
        type="date"
        aria-label={t`Up to this day`}
        className="w-[calc(50%-4px)] sm:w-40"
        value={search.until ?? ''}
        min={search.since}
        onChange={(event) => onChange({ until: event.target.value || undefined }, true)}
      />
      <Button
        aria-pressed={search.support === '1'}
        icon={<Icon as={LifeBuoy} />}
        onClick={() => onChange({ support: search.support ? undefined : '1' })}
        className="aria-pressed:border-brand-edge aria-pressed:bg-brand-solid aria-pressed:text-brand-on"
      >
        <Trans>Support only</Trans>
      </Button>
      {search.object ? (
        <Button variant="ghost" icon={<Icon as={X} />} onClick={() => onChange({ object: undefined })}>
          <Trans>One thing only</Trans>
        </Button>
      ) : null}
    </div>
  );
}

function PersonFilter({ person, onChange }: { person: string | undefined; onChange: (person: string | undefined) => void }) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const [asked, setAsked] = useState('');
  const [name, setName] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), 250);
    return () => clearTimeout(timer);
  }, [text]);
  const found = useInfiniteQuery({ ...membersQuery({ q: asked || undefined, role: undefined, state: undefined }), enabled: open });
  const rows = found.data?.pages[0]?.items.slice(0, 8) ?? [];
  if (person) {
    return (
      <Button iconEnd={<Icon as={X} />} onClick={() => onChange(undefined)} aria-label={t`Show everybody again`}>
        <bdi className="max-w-48 truncate">{name ?? t`One person`}</bdi>
      </Button>
    );
  }
  return (
    <Popover
      label={t`Choose a person`}
      open={open}
      onOpenChange={setOpen}
      width={300}
      trigger={
        <Button iconEnd={<Icon as={ChevronDown} />}>
          <Trans>Anybody</Trans>
        </Button>
      }
    >
      <Input
        type="search"
        autoFocus
        aria-label={t`Search by name or e-mail`}
        placeholder={t`Name or e-mail`}
        value={text}
        onChange={(event) => setText(event.target.value)}
        start={<Icon as={Search} className="text-text-3" />}
      />
      <ul aria-label={t`People`} className="mt-2 grid max-h-72 overflow-y-auto">
        {rows.map((member) => (
          <li key={member.id}>
            <button
              type="button"
              onClick={() => {
                setName(member.name);
                setOpen(false);
                onChange(member.id);
              }}
              className="flex min-h-10 w-full items-center gap-2.5 rounded-2 px-2 py-1 text-start hover:bg-hover focus-visible:-outline-offset-2 pointer-coarse:min-h-11"
            >
              <Avatar name={member.name} />
              <span className="min-w-0 truncate">
                <bdi>{member.name}</bdi>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p role="status" className="t-sm text-text-3">
        {found.isFetching ? <Trans>Looking</Trans> : rows.length === 0 ? <Trans>Nobody has this name or address.</Trans> : null}
      </p>
    </Popover>
  );
}
