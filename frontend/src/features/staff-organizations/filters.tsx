import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Search, SlidersHorizontal } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Facets } from '@/api/staff';
import { Chip } from '@/features/staff-kit/chip';
import { spaced, STATES, stateWord } from '@/features/staff-kit/words';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Icon } from '@/ui/icon';
import { Input } from '@/ui/input';
import { Popover } from '@/ui/popover';
import { Select } from '@/ui/select';
import { PAYMENTS, paymentWord } from './payments';
import type { OrganizationsSearch } from './search';
import { SavedViews } from './saved-views';

interface FiltersProps {
  search: OrganizationsSearch;
  facets: Facets | undefined;
  onChange: (change: OrganizationsSearch, replace?: boolean) => void;
  onView: (search: OrganizationsSearch) => void;
}

const QUICK = ['active', 'suspended', 'pending_deletion'] as const;

/** Words, the states people ask for most, everything else behind "Filter", and the views that were saved. */
export function Filters({ search, facets, onChange, onView }: FiltersProps) {
  const others = [search.plan, search.payment, search.health, search.state && !QUICK.includes(search.state as 'active') ? search.state : undefined].filter(Boolean).length;
  return (
    <>
      <Words q={search.q} onChange={(q) => onChange({ q }, true)} />
      <Chip on={!search.state} onPress={() => onChange({ state: undefined })}>
        <Trans>All</Trans>
      </Chip>
      {QUICK.map((state) => (
        <Chip key={state} on={search.state === state} count={facets?.states[state]} onPress={() => onChange({ state: search.state === state ? undefined : state })}>
          {stateWord(state)}
        </Chip>
      ))}
      <Chip on={search.behind === '1'} onPress={() => onChange({ behind: search.behind ? undefined : '1' })}>
        <Trans>Behind on schema</Trans>
      </Chip>
      <Popover
        label={t`Filters`}
        width={260}
        trigger={
          <Button className="h-[26px]! rounded-[6px]! px-2.5! pointer-coarse:h-11!" icon={<Icon as={SlidersHorizontal} size={14} />}>
            <Trans>Filter</Trans>
            {others > 0 ? <span className="text-text-3">{others}</span> : null}
          </Button>
        }
      >
        <div className="grid gap-3.5">
          <Field label={<Trans>State</Trans>}>
            <Select
              value={search.state ?? ''}
              onChange={(state) => onChange({ state: state || undefined })}
              options={[{ value: '', label: t`Any` }, ...STATES.map((state) => ({ value: state as string, label: counted(stateWord(state), facets?.states[state]) }))]}
            />
          </Field>
          <Field label={<Trans>Health</Trans>}>
            <Select
              value={search.health ?? ''}
              onChange={(health) => onChange({ health: health || undefined })}
              options={[
                { value: '', label: t`Any` },
                { value: 'fine', label: counted(t`Fine`, facets?.health['fine']) },
                { value: 'look', label: counted(t`Worth a look`, facets?.health['look']) },
                { value: 'bad', label: counted(t`In trouble`, facets?.health['bad']) },
              ]}
            />
          </Field>
          <Field label={<Trans>Plan</Trans>}>
            <Select
              value={search.plan ?? ''}
              onChange={(plan) => onChange({ plan: plan || undefined })}
              options={[{ value: '', label: t`Any` }, ...Object.keys(facets?.plans ?? {}).map((plan) => ({ value: plan, label: counted(spaced(plan), facets?.plans[plan]) }))]}
            />
          </Field>
          <Field label={<Trans>Payment</Trans>}>
            <Select
              value={search.payment ?? ''}
              onChange={(payment) => onChange({ payment: payment || undefined })}
              options={[{ value: '', label: t`Any` }, ...PAYMENTS.map((payment) => ({ value: payment as string, label: counted(paymentWord(payment), facets?.payments[payment]) }))]}
            />
          </Field>
          {others > 0 ? (
            <Button variant="ghost" onClick={() => onChange({ state: undefined, plan: undefined, payment: undefined, health: undefined })}>
              <Trans>Clear filters</Trans>
            </Button>
          ) : null}
        </div>
      </Popover>
      <SavedViews search={search} onView={onView} />
    </>
  );
}

/** "Fine, 12" in a list of choices. */
const counted = (word: string, count: number | undefined) => (count === undefined ? word : `${word}, ${count.toLocaleString('en-GB')}`);

function Words({ q, onChange }: { q: string | undefined; onChange: (q: string | undefined) => void }) {
  const [text, setText] = useState(q ?? '');
  const [known, setKnown] = useState(q);
  // Changed from outside (the strip, a saved view, Back): the field follows, unless it says the same already.
  if (q !== known) {
    setKnown(q);
    if (text.trim() !== (q ?? '')) setText(q ?? '');
  }
  useEffect(() => {
    if (text.trim() === (q ?? '')) return undefined;
    const timer = setTimeout(() => onChange(text.trim() || undefined), 250);
    return () => clearTimeout(timer);
    // Only what is typed starts the wait.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [text]);
  return (
    <Input
      quiet
      type="search"
      aria-label={t`Search by name, domain, owner or customer id`}
      placeholder={t`Name, domain, owner, customer id`}
      value={text}
      onChange={(event) => setText(event.target.value)}
      start={<Icon as={Search} size={14} className="text-text-3" />}
      className="w-full sm:w-[240px]"
    />
  );
}
