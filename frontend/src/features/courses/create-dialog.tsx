import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { ApiError } from '@/api/errors';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Input } from '@/ui/input';
import { courseKeys, createCourse, type Course } from './api';

/** Asks for a title, which can be changed at any time, and nothing else. */
export function CreateCourseDialog({ onClose, onCreated }: { onClose: () => void; onCreated: (course: Course) => void }) {
  const [title, setTitle] = useState('');
  const [missing, setMissing] = useState(false);
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: createCourse,
    onSuccess: (course) => {
      void queries.invalidateQueries({ queryKey: courseKeys.list });
      onCreated(course);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (title.trim()) create.mutate(title.trim());
    else setMissing(true);
  };
  const refusal = create.error instanceof ApiError ? create.error.detail : create.error ? t`The course was not made. Try again.` : undefined;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={<Trans>New course</Trans>}
      actions={
        <>
          <Button onClick={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button variant="primary" type="submit" form="create-course" loading={create.isPending}>
            {create.isPending ? <Trans>Creating…</Trans> : <Trans>Create course</Trans>}
          </Button>
        </>
      }
    >
      <form id="create-course" onSubmit={submit} noValidate>
        <Field
          label={<Trans>Title</Trans>}
          hint={<Trans>What learners will look for. It can change later.</Trans>}
          error={missing ? <Trans>Give the course a title.</Trans> : refusal}
        >
          <Input
            autoFocus
            maxLength={200}
            value={title}
            onChange={(event) => {
              setTitle(event.currentTarget.value);
              setMissing(false);
            }}
          />
        </Field>
      </form>
    </Dialog>
  );
}
