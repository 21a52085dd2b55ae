import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Bookmark, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Problem } from '@/features/staff-kit/problem';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Icon } from '@/ui/icon';
import { IconButton } from '@/ui/icon-button';
import { Input } from '@/ui/input';
import { Popover } from '@/ui/popover';
import { toast } from '@/ui/toast';
import { forgetView, organizationsKeys, saveView, viewsQuery } from './api';
import { type OrganizationsSearch, searchOfView, viewText } from './search';

/** Filters and columns under a name of one's own. */
export function SavedViews({ search, onView }: { search: OrganizationsSearch; onView: (search: OrganizationsSearch) => void }) {
  const [open, setOpen] = useState(false);
  const views = useQuery(viewsQuery);
  const text = viewText(search);
  const current = views.data?.items.find((view) => view.query === text);
  return (
    <Popover
      label={t`Saved views`}
      width={280}
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button className="h-[26px]! max-w-[200px] rounded-[6px]! px-2.5! pointer-coarse:h-11!" icon={<Icon as={Bookmark} size={14} />}>
          <span className="truncate">{current ? current.name : <Trans>Views</Trans>}</span>
        </Button>
      }
    >
      <div className="grid gap-3">
        {views.data && views.data.items.length > 0 ? (
          <ul className="-mx-2 grid">
            {views.data.items.map((view) => (
              <li key={view.id} className="flex items-center gap-1">
                <button
                  type="button"
                  aria-current={view.query === text || undefined}
                  onClick={() => {
                    onView(searchOfView(view.query));
                    setOpen(false);
                  }}
                  className="min-h-[34px] min-w-0 flex-1 truncate rounded-[6px] px-2 text-start hover:bg-hover aria-[current=true]:font-semibold pointer-coarse:min-h-11"
                >
                  {view.name}
                </button>
                <Forget id={view.id} name={view.name} />
              </li>
            ))}
          </ul>
        ) : (
          <p className="text-text-3">
            <Trans>No views yet. Set filters and columns, then give them a name.</Trans>
          </p>
        )}
        {current ? null : <SaveForm query={text} />}
      </div>
    </Popover>
  );
}

function Forget({ id, name }: { id: string; name: string }) {
  const client = useQueryClient();
  const forget = useMutation({
    mutationFn: () => forgetView(id),
    onSuccess: () => client.invalidateQueries({ queryKey: organizationsKeys.views }),
  });
  return <IconButton size="sm" icon={X} iconSize={14} label={t`Forget the view ${name}`} onClick={() => forget.mutate()} />;
}

function SaveForm({ query }: { query: string }) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const save = useMutation({
    mutationFn: () => saveView(name.trim(), query),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: organizationsKeys.views });
      toast(t`View “${name.trim()}” saved`);
      setName('');
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() && query) save.mutate();
  };
  return (
    <form onSubmit={submit} className="grid gap-2 border-t border-line pt-3">
      <Problem error={save.error} />
      <Field label={<Trans>Save what is shown now</Trans>}>
        <Input value={name} maxLength={60} placeholder={t`Name of the view`} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Button
        type="submit"
        loading={save.isPending}
        {...(query === '' ? { disabledReason: t`Set a filter first.` } : name.trim() === '' ? { disabledReason: t`Give it a name.` } : {})}
      >
        <Trans>Save view</Trans>
      </Button>
    </form>
  );
}
