import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Failure } from '@/app/boundaries';
import { ApiError } from '@/api/errors';
import { useCan } from '@/lib/permissions';
import { Avatar } from '@/ui/avatar';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Notice } from '@/ui/notice';
import { Select } from '@/ui/select';
import { SkeletonText } from '@/ui/skeleton';
import { toast } from '@/ui/toast';
import { Track } from '@/ui/track';
import { builderKeys, enroll, peopleQuery, rosterQuery, type RosterEntry } from './api';
import { useBuilder } from './builder-context';

/** Who is on the course and how far, and a way to put someone on it. */
export function PeoplePanel() {
  const { course, draft } = useBuilder();
  const mayManage = useCan('enrollments.manage');
  const roster = useQuery(rosterQuery(course));
  const entries = roster.data?.items ?? [];
  return (
    <section className="border-t border-line pt-8">
      <h2 className="t-h4">
        <Trans>People on this course</Trans>
      </h2>
      {roster.isError ? (
        <Failure compact error={roster.error} onRetry={() => void roster.refetch()} />
      ) : roster.isPending ? (
        <div className="mt-4" role="status" aria-busy="true" aria-label={t`Loading the people`}>
          <SkeletonText lines={3} />
        </div>
      ) : (
        <>
          <p className="mt-0.5 t-xs text-text-3">
            {entries.length === 0
              ? draft.course.version
                ? t`Nobody yet. Learners enrol from the catalogue, or you put them on it.`
                : t`Nobody yet. Publish the course first: people can only be on what they can open.`
              : plural(entries.length, { one: '# person', other: '# people' })}
          </p>
          {entries.length > 0 ? (
            <ul className="mt-3">
              {entries.map((entry) => (
                <Person key={entry.id} entry={entry} />
              ))}
            </ul>
          ) : null}
          {mayManage && draft.course.version ? <EnrollForm enrolled={entries} /> : null}
        </>
      )}
    </section>
  );
}

function Person({ entry: { member, progress } }: { entry: RosterEntry }) {
  const percent = Math.floor(progress.percent_permille / 10);
  return (
    <li className="flex items-center gap-3 border-b border-line py-2.5">
      <Avatar name={member.name} />
      <span className="min-w-0 flex-1">
        <bdi className="block truncate font-medium">{member.name || t`Someone who left`}</bdi>
        <span className="block truncate t-xs text-text-3">{member.email}</span>
      </span>
      <span className="flex w-[120px] flex-none items-center gap-2.5 sm:w-[180px]">
        <Track height={6} label={t`${percent} % done`} segments={[{ weight: 1, spans: percent > 0 ? [[0, percent / 100]] : [] }]} />
        <span className="w-10 flex-none text-end t-xs text-text-2 tabular-nums">{percent}&nbsp;%</span>
      </span>
    </li>
  );
}

function EnrollForm({ enrolled }: { enrolled: readonly RosterEntry[] }) {
  const { course } = useBuilder();
  const mayList = useCan('people.view');
  const queries = useQueryClient();
  const people = useQuery({ ...peopleQuery, enabled: mayList });
  const [member, setMember] = useState<string>();
  const key = useRef(crypto.randomUUID());
  const act = useMutation({
    mutationFn: (id: string) => enroll(course, id, key.current),
    onSuccess: (entry) => {
      key.current = crypto.randomUUID();
      setMember(undefined);
      void queries.invalidateQueries({ queryKey: builderKeys.roster(course) });
      toast(t`${entry.member.name} is on the course`);
    },
  });
  const taken = new Set(enrolled.map((entry) => entry.member.id));
  const options = (people.data ?? []).filter((person) => !taken.has(person.id)).map((person) => ({ value: person.id, label: person.name ? `${person.name} (${person.email ?? ''})` : (person.email ?? '') }));
  if (!mayList || options.length === 0) return null;
  return (
    <div className="mt-5 grid gap-3">
      {act.isError ? (
        <Notice tone="danger" live title={<Trans>Not added.</Trans>}>
          {act.error instanceof ApiError ? act.error.detail : null}
        </Notice>
      ) : null}
      <div className="flex flex-wrap items-end gap-2">
        <Field label={<Trans>Put someone on the course</Trans>} className="min-w-[220px] flex-1">
          <Select value={member} onChange={setMember} options={options} placeholder={t`Choose a person`} />
        </Field>
        <Button loading={act.isPending} disabled={!member} onClick={() => member && act.mutate(member)}>
          {act.isPending ? <Trans>Adding…</Trans> : <Trans>Add</Trans>}
        </Button>
      </div>
    </div>
  );
}
