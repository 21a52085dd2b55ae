import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError } from '@/api/errors';
import { useCan } from '@/lib/permissions';
import { day } from '@/lib/time';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { Poster } from '@/ui/poster';
import { Radio } from '@/ui/radio';
import { Textarea } from '@/ui/textarea';
import { toast } from '@/ui/toast';
import { builderKeys, editCourse, type Draft, type DraftCourse } from './api';
import { useBuilder } from './builder-context';
import { PeoplePanel } from './people-panel';
import { draftWords } from './top-bar';

/** The course itself: what it is called, who finds it, who is on it. These take effect at once, without publishing. */
export function CoursePanel() {
  const { draft, mayEdit } = useBuilder();
  const maySeePeople = useCan('enrollments.view');
  const { course } = draft;
  return (
    <div className="mx-auto grid max-w-[720px] grid-cols-[minmax(0,1fr)] gap-10 px-4 pt-6 pb-16 sm:px-8 md:pt-9">
      <section>
        <div className="flex items-center gap-4">
          <Poster seed={course.id} className="w-[120px] flex-none rounded-2" />
          <div className="min-w-0">
            <h2 className="t-h4">
              <Trans>Course settings</Trans>
            </h2>
            <p className="mt-0.5 t-xs text-text-3">
              {draftWords(draft)}
              {course.version ? ` · ${t`published on ${day(course.version.published_at)}`}` : ''}
            </p>
          </div>
        </div>
        <SettingsForm key={course.revision} course={course} mayEdit={mayEdit} />
      </section>
      {maySeePeople ? <PeoplePanel /> : null}
    </div>
  );
}

function SettingsForm({ course, mayEdit }: { course: DraftCourse; mayEdit: boolean }) {
  const queries = useQueryClient();
  const [title, setTitle] = useState(course.title);
  const [summary, setSummary] = useState(course.summary);
  const [visibility, setVisibility] = useState(course.visibility);
  const changed = title.trim() !== course.title || summary.trim() !== course.summary || visibility !== course.visibility;
  const save = useMutation({
    mutationFn: () => editCourse(course.id, course.revision, { title: title.trim(), summary: summary.trim(), visibility }),
    onSuccess: (now) => {
      queries.setQueryData<Draft>(builderKeys.draft(course.id), (draft) => draft && { ...draft, course: now });
      void queries.invalidateQueries({ queryKey: ['courses'], exact: true });
      toast(t`Settings saved`);
    },
  });
  const stale = save.error instanceof ApiError && save.error.status === 412;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (title.trim()) save.mutate();
  };
  return (
    <form noValidate onSubmit={submit} className="mt-6 grid gap-5">
      {save.isError ? (
        <Notice
          tone="danger"
          live
          title={stale ? <Trans>Someone else saved these settings.</Trans> : <Trans>Nothing was saved.</Trans>}
          action={
            stale ? (
              <Button size="sm" onClick={() => void queries.invalidateQueries({ queryKey: builderKeys.draft(course.id) })}>
                <Trans>Show theirs</Trans>
              </Button>
            ) : undefined
          }
        >
          {!stale && save.error instanceof ApiError ? save.error.detail : null}
        </Notice>
      ) : null}
      <Field label={<Trans>Title</Trans>} error={title.trim() ? undefined : <Trans>Give the course a title.</Trans>}>
        <Input maxLength={200} value={title} readOnly={!mayEdit} onChange={(event) => setTitle(event.currentTarget.value)} />
      </Field>
      <Field label={<Trans>Summary</Trans>} hint={<Trans>Two or three sentences for the catalogue: for whom it is, and what one can do afterwards.</Trans>}>
        <Textarea rows={3} maxLength={4000} value={summary} readOnly={!mayEdit} onChange={(event) => setSummary(event.currentTarget.value)} />
      </Field>
      <Radio
        label={<Trans>Who finds it</Trans>}
        value={visibility}
        onChange={setVisibility}
        options={[
          { value: 'public', label: <Trans>Everyone</Trans>, detail: <Trans>In the catalogue, also for visitors without an account</Trans>, disabled: !mayEdit },
          { value: 'members', label: <Trans>Members</Trans>, detail: <Trans>In the catalogue of those who are signed in</Trans>, disabled: !mayEdit },
          { value: 'invitation', label: <Trans>Only those put on it</Trans>, detail: <Trans>Not in the catalogue</Trans>, disabled: !mayEdit },
        ]}
      />
      {mayEdit ? (
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" variant="primary" loading={save.isPending} disabled={!changed}>
            {save.isPending ? <Trans>Saving…</Trans> : <Trans>Save settings</Trans>}
          </Button>
          <span className="t-xs text-text-3">
            <Trans>Takes effect at once, without publishing.</Trans>
          </span>
        </div>
      ) : null}
    </form>
  );
}
