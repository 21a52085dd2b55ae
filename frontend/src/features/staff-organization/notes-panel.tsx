import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Failure } from '@/app/boundaries';
import { moment } from '@/features/staff-kit/age';
import { LoadMore } from '@/features/staff-kit/load-more';
import { Problem } from '@/features/staff-kit/problem';
import { RowsSkeleton } from '@/features/staff-kit/rows-skeleton';
import { useCan } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Textarea } from '@/ui/textarea';
import { addNote, notesQuery, organizationKeys } from './api';

/** What colleagues should know next time. Only staff read it. */
export function NotesPanel({ organization }: { organization: string }) {
  const may = useCan('support.act');
  const notes = useInfiniteQuery(notesQuery(organization));
  const rows = notes.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="grid gap-3 pt-3">
      {may ? <NoteForm organization={organization} /> : null}
      {notes.isPending ? (
        <RowsSkeleton rows={3} />
      ) : notes.isError ? (
        <Failure compact error={notes.error} onRetry={() => void notes.refetch()} />
      ) : rows.length === 0 ? (
        <p className="text-text-3">
          <Trans>No notes yet.</Trans>
        </p>
      ) : (
        <ul>
          {rows.map((note) => (
            <li key={note.id} className="border-t border-line py-2.5">
              <p className="text-text-3">
                <bdi className="font-medium text-text">{note.author}</bdi>, <time dateTime={note.created_at}>{moment(note.created_at)}</time>
              </p>
              <p className="whitespace-pre-line wrap-anywhere">{note.body}</p>
            </li>
          ))}
        </ul>
      )}
      <LoadMore list={notes} />
    </div>
  );
}

function NoteForm({ organization }: { organization: string }) {
  const client = useQueryClient();
  const [body, setBody] = useState('');
  const add = useMutation({
    mutationFn: () => addNote(organization, body.trim()),
    onSuccess: () => {
      setBody('');
      void client.invalidateQueries({ queryKey: organizationKeys.notes(organization) });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (body.trim() && !add.isPending) add.mutate();
  };
  return (
    <form onSubmit={submit} className="grid gap-2">
      <Problem error={add.error} />
      <Field label={<Trans>New note</Trans>} hint={t`Only staff read it; it stays.`}>
        <Textarea rows={2} maxLength={4000} value={body} onChange={(event) => setBody(event.target.value)} />
      </Field>
      <Button type="submit" className="justify-self-start" loading={add.isPending} {...(body.trim() === '' ? { disabledReason: t`Write something first.` } : {})}>
        {add.isPending ? <Trans>Adding</Trans> : <Trans>Add note</Trans>}
      </Button>
    </form>
  );
}
