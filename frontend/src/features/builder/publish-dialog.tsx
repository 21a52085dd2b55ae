import { t } from '@lingui/core/macro';
import { Plural, Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { Failure } from '@/app/boundaries';
import { ApiError } from '@/api/errors';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Notice } from '@/ui/notice';
import { SkeletonText } from '@/ui/skeleton';
import { Textarea } from '@/ui/textarea';
import { toast } from '@/ui/toast';
import { builderKeys, previewQuery, publish, type Preview } from './api';
import { useBuilder } from './builder-context';

const SHOWN = 12;

/** What learners will get, in words, before they get it. What is still being saved is waited for. */
export function PublishDialog({ onClose }: { onClose: () => void }) {
  const { course, queue, open } = useBuilder();
  const status = useSyncExternalStore(queue.subscribe, queue.status);
  const queries = useQueryClient();
  const [note, setNote] = useState('');
  const key = useRef(crypto.randomUUID());
  const saved = status.kind === 'idle' || status.kind === 'saved';
  useEffect(() => queue.flush(), [queue]);
  // Looked up anew: a preview from before the last save would promise the wrong thing.
  const preview = useQuery({ ...previewQuery(course), enabled: saved, staleTime: 0, refetchOnMount: 'always' });
  const act = useMutation({
    mutationFn: () => publish(course, note.trim(), key.current),
    onSuccess: (version) => {
      void queries.invalidateQueries({ queryKey: ['courses'], predicate: (query) => !query.queryKey.includes('nodes') });
      void queries.invalidateQueries({ queryKey: builderKeys.preview(course) });
      toast(t`Published version ${version.number}`, {
        duration: 10_000,
        action: { label: t`View as learner`, onPress: () => window.open(`/courses/${course}`, '_blank', 'noopener') },
      });
      onClose();
    },
    onError: () => {
      key.current = crypto.randomUUID();
      void preview.refetch();
    },
  });
  const go = (item: string | null) => {
    if (!item) return;
    open(item);
    onClose();
  };
  const data = saved && !preview.isFetching ? preview.data : undefined;
  return (
    <Dialog
      open
      onOpenChange={(next) => !next && onClose()}
      title={data ? <Trans>Publish version {data.number}</Trans> : <Trans>Publish</Trans>}
      description={<Trans>Learners on this course go on in the new version; what they have done stays done.</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Not yet</Trans>
          </Button>
          {data?.can_publish ? (
            <Button variant="primary" loading={act.isPending} onClick={() => act.mutate()}>
              {act.isPending ? <Trans>Publishing…</Trans> : <Trans>Publish</Trans>}
            </Button>
          ) : null}
        </>
      }
    >
      {!saved && status.kind !== 'saving' ? (
        <Notice tone="warning" title={<Trans>Your last changes are not saved yet.</Trans>}>
          <Trans>They are kept in this browser. Publish once they have reached the server.</Trans>
        </Notice>
      ) : preview.isError ? (
        <Failure compact error={preview.error} onRetry={() => void preview.refetch()} />
      ) : data ? (
        <div className="grid gap-5">
          {act.isError ? (
            <Notice tone="danger" live title={<Trans>Nothing was published.</Trans>}>
              {act.error instanceof ApiError ? act.error.detail : <Trans>Try again in a moment.</Trans>}
            </Notice>
          ) : null}
          <Notes tone="danger" title={<Trans>This stands in the way</Trans>} notes={data.problems} onOpen={go} />
          <Notes tone="warning" title={<Trans>Worth a look</Trans>} notes={data.warnings} onOpen={go} />
          <Changes preview={data} />
          {data.can_publish ? (
            <Field label={<Trans>Note</Trans>} hint={<Trans>For the list of versions. Learners do not see it.</Trans>}>
              <Textarea rows={2} maxLength={2000} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
            </Field>
          ) : null}
        </div>
      ) : (
        <div role="status" aria-busy="true" aria-label={t`Looking up what changes`}>
          <SkeletonText lines={4} />
        </div>
      )}
    </Dialog>
  );
}

function Changes({ preview: { changes, number } }: { preview: Preview }) {
  if (changes.length === 0) {
    return (
      <p className="text-text-2">
        <Trans>Nothing has changed since the last version.</Trans>
      </p>
    );
  }
  const rest = changes.length - SHOWN;
  return (
    <section>
      <h3 className="text-[0.94em] font-[540]">{number === 1 ? <Trans>What learners will find</Trans> : <Trans>What changes</Trans>}</h3>
      <ul className="mt-1.5">
        {changes.slice(0, SHOWN).map((change) => (
          <li key={`${change.kind} ${change.item}`} className="border-b border-line py-1.5 last:border-b-0">
            {change.words}
          </li>
        ))}
      </ul>
      {rest > 0 ? (
        <p className="mt-1 t-xs text-text-3">
          <Plural value={rest} one="and # more" other="and # more" />
        </p>
      ) : null}
    </section>
  );
}

interface NotesProps {
  tone: 'danger' | 'warning';
  title: ReactNode;
  notes: Preview['problems'];
  onOpen: (item: string | null) => void;
}

function Notes({ tone, title, notes, onOpen }: NotesProps) {
  const { nodes } = useBuilder();
  if (notes.length === 0) return null;
  return (
    <Notice tone={tone} title={title}>
      <ul className="mt-1 grid gap-1">
        {notes.map((note, index) => (
          <li key={index}>
            {nodes.some((node) => node.item === note.item && node.kind === 'lesson') ? (
              <button type="button" className="font-medium underline underline-offset-2" onClick={() => onOpen(note.item)}>
                <bdi>{note.title}</bdi>
              </button>
            ) : note.item ? (
              <bdi className="font-medium">{note.title}</bdi>
            ) : null}
            {note.item ? ': ' : ''}
            {note.words}
          </li>
        ))}
      </ul>
    </Notice>
  );
}
