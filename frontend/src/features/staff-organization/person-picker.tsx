import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { UserRound, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { roleName } from '@/lib/roles';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Icon } from '@/ui/icon';
import { IconButton } from '@/ui/icon-button';
import { Input } from '@/ui/input';
import { Popover } from '@/ui/popover';
import { peopleQuery } from './api';

export interface PickedPerson {
  id: string;
  name: string;
}

interface PersonPickerProps {
  organization: string;
  label: string;
  value: PickedPerson | null;
  onChange: (value: PickedPerson | null) => void;
}

/** Whose view it will be; nobody's means the organization as its staff side sees it. */
export function PersonPicker({ organization, label, value, onChange }: PersonPickerProps) {
  const [open, setOpen] = useState(false);
  return (
    <div className="grid gap-1.5">
      <span className="text-[0.94em] font-[540]">{label}</span>
      {value ? (
        <span className="flex h-(--ctl) items-center gap-1 rounded-2 border border-line-2 bg-sunken ps-3 pe-0.5">
          <bdi className="min-w-0 flex-1 truncate">{value.name}</bdi>
          <IconButton size="sm" icon={X} iconSize={14} label={t`Not as ${value.name}`} onClick={() => onChange(null)} />
        </span>
      ) : (
        <Popover
          label={t`Choose a person`}
          align="end"
          width={280}
          open={open}
          onOpenChange={setOpen}
          trigger={
            <Button className="justify-start! font-normal!" icon={<Icon as={UserRound} size={14} />}>
              <Trans>Nobody in particular</Trans>
            </Button>
          }
        >
          <Choices
            organization={organization}
            onPick={(person) => {
              onChange(person);
              setOpen(false);
            }}
          />
        </Popover>
      )}
    </div>
  );
}

function Choices({ organization, onPick }: { organization: string; onPick: (person: PickedPerson) => void }) {
  const [text, setText] = useState('');
  const [asked, setAsked] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), 200);
    return () => clearTimeout(timer);
  }, [text]);
  const people = useQuery(peopleQuery(organization, asked || undefined));
  const rows = people.data?.items.slice(0, 8) ?? [];
  return (
    <div className="grid gap-2">
      <Field label={<Trans>Name or e-mail</Trans>}>
        <Input autoFocus type="search" value={text} onChange={(event) => setText(event.target.value)} />
      </Field>
      <ul className="-mx-2">
        {rows.map((person) => (
          <li key={person.id}>
            <button
              type="button"
              onClick={() => onPick({ id: person.id, name: person.name })}
              className="grid w-full rounded-[6px] px-2 py-1.5 text-start hover:bg-hover pointer-coarse:min-h-11"
            >
              <bdi className="truncate font-medium">{person.name}</bdi>
              <span className="truncate text-text-3">{[person.roles.map(roleName).join(', '), person.email].filter(Boolean).join(' · ')}</span>
            </button>
          </li>
        ))}
      </ul>
      {people.isError ? (
        <p className="text-danger-text">
          <Trans>The people did not load.</Trans>
        </p>
      ) : rows.length === 0 && !people.isPending ? (
        <p className="text-text-3">
          <Trans>Nobody has this name or address.</Trans>
        </p>
      ) : null}
    </div>
  );
}
