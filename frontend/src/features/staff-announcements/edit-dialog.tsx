import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import type { Announcement } from '@/api/staff';
import { OrganizationName, OrganizationPicker } from '@/features/staff-kit/organization-picker';
import { Problem } from '@/features/staff-kit/problem';
import { roleName, ROLES } from '@/lib/roles';
import { Button } from '@/ui/button';
import { Checkbox } from '@/ui/checkbox';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { IconButton } from '@/ui/icon-button';
import { Input } from '@/ui/input';
import { Select } from '@/ui/select';
import { Textarea } from '@/ui/textarea';
import { toast } from '@/ui/toast';
import { AnnouncementNotice } from './announcement-notice';
import { addAnnouncement, announcementKeys, type AnnouncementDraft, changeAnnouncement } from './api';
import { fromField, problemsOf, surfaceWord, toField } from './model';

const SURFACES = ['learn', 'studio', 'staff'] as const;

function blank(): AnnouncementDraft {
  return { title: '', body: '', surfaces: ['studio'], audience: {}, starts_at: new Date().toISOString(), ends_at: null, tone: 'info' };
}

/** Words, when, where, for whom, and what it will look like. */
export function EditDialog({ announcement, onClose }: { announcement: Announcement | null; onClose: () => void }) {
  const id = useId();
  const client = useQueryClient();
  const [draft, setDraft] = useState<AnnouncementDraft>(announcement ?? blank);
  const [tried, setTried] = useState(false);
  const problems = problemsOf(draft);
  const shown = tried ? problems : {};
  const set = (change: Partial<AnnouncementDraft>) => setDraft({ ...draft, ...change });
  const save = useMutation({
    mutationFn: () => {
      const { title, body, surfaces, audience, starts_at, ends_at, tone } = draft;
      const words = { title: title.trim(), body: body.trim(), surfaces, audience, starts_at, ends_at, tone };
      return announcement ? changeAnnouncement(announcement.id, words) : addAnnouncement(words);
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: announcementKeys.all });
      toast(announcement ? t`Announcement saved` : t`Announcement added`);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(problems).length === 0) save.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      size="lg"
      title={announcement ? <Trans>Change the announcement</Trans> : <Trans>New announcement</Trans>}
      actions={
        <>
          <Button variant="ghost" onClick={onClose}>
            <Trans>Leave it</Trans>
          </Button>
          <Button type="submit" form={id} variant="primary" loading={save.isPending}>
            {save.isPending ? <Trans>Saving</Trans> : announcement ? <Trans>Save</Trans> : <Trans>Announce</Trans>}
          </Button>
        </>
      }
    >
      <form id={id} noValidate onSubmit={submit} className="grid gap-5">
        <Problem error={save.error} />
        <Field label={<Trans>First sentence</Trans>} required error={shown.title}>
          <Input maxLength={120} value={draft.title} placeholder={t`Maintenance on Sunday from 02:00 to 02:20.`} onChange={(event) => set({ title: event.target.value })} />
        </Field>
        <Field label={<Trans>What else there is to say</Trans>}>
          <Textarea rows={2} maxLength={1000} value={draft.body} onChange={(event) => set({ body: event.target.value })} />
        </Field>
        <div className="grid gap-4 sm:grid-cols-3">
          <Field label={<Trans>From</Trans>} required>
            <Input type="datetime-local" value={toField(draft.starts_at)} onChange={(event) => set({ starts_at: fromField(event.target.value) ?? draft.starts_at })} />
          </Field>
          <Field label={<Trans>Until</Trans>} error={shown.ends_at} hint={t`Empty: until it is removed.`}>
            <Input type="datetime-local" value={toField(draft.ends_at)} onChange={(event) => set({ ends_at: fromField(event.target.value) })} />
          </Field>
          <Field label={<Trans>Tone</Trans>}>
            <Select
              value={draft.tone}
              onChange={(tone) => set({ tone })}
              options={[
                { value: 'info', label: t`To know` },
                { value: 'success', label: t`Good news` },
                { value: 'warning', label: t`Take care` },
                { value: 'danger', label: t`Something is broken` },
              ]}
            />
          </Field>
        </div>
        <fieldset>
          <legend className="mb-2 font-[540]">
            <Trans>Where it shows</Trans>
          </legend>
          <div className="flex flex-wrap gap-x-6 gap-y-2">
            {SURFACES.map((surface) => (
              <Checkbox
                key={surface}
                checked={draft.surfaces.includes(surface)}
                onChange={(on) => set({ surfaces: SURFACES.filter((one) => (one === surface ? on : draft.surfaces.includes(one))) })}
                label={surfaceWord(surface)}
              />
            ))}
          </div>
          {shown.surfaces ? (
            <p role="alert" className="mt-1.5 t-xs text-danger-text">
              {shown.surfaces}
            </p>
          ) : null}
        </fieldset>
        <AudienceFields audience={draft.audience} onChange={(audience) => set({ audience })} />
        <section aria-label={t`Preview`} className="grid gap-2 border-t border-line pt-4">
          <p className="text-text-3">
            <Trans>As people will see it</Trans>
          </p>
          <AnnouncementNotice tone={draft.tone} title={draft.title || t`Your first sentence`} body={draft.body} />
        </section>
      </form>
    </Dialog>
  );
}

function AudienceFields({ audience, onChange }: { audience: Announcement['audience']; onChange: (audience: Announcement['audience']) => void }) {
  const organizations = audience.organizations ?? [];
  const roles = audience.roles ?? [];
  const set = (change: Announcement['audience']) => {
    const next = { ...audience, ...change };
    // What is empty narrows nothing, and is left out.
    onChange(Object.fromEntries(Object.entries(next).filter(([, values]) => values && values.length > 0)));
  };
  return (
    <fieldset className="grid gap-3.5">
      <legend className="mb-2 font-[540]">
        <Trans>Only for, where you choose any</Trans>
      </legend>
      <div className="grid gap-1.5">
        {organizations.map((organization) => (
          <span key={organization} className="flex h-(--ctl) items-center justify-between rounded-2 bg-sunken ps-3">
            <OrganizationName id={organization} />
            <IconButton size="sm" icon={X} iconSize={14} label={t`Not this organization`} onClick={() => set({ organizations: organizations.filter((one) => one !== organization) })} />
          </span>
        ))}
        <OrganizationPicker label={t`An organization's name`} value={null} onChange={(picked) => picked && !organizations.includes(picked.id) && set({ organizations: [...organizations, picked.id] })} />
      </div>
      <Plans plans={audience.plans ?? []} onChange={(plans) => set({ plans })} />
      <div className="flex flex-wrap gap-x-6 gap-y-2">
        {ROLES.map((role) => (
          <Checkbox key={role} checked={roles.includes(role)} onChange={(on) => set({ roles: ROLES.filter((one) => (one === role ? on : roles.includes(one))) })} label={roleName(role)} />
        ))}
      </div>
    </fieldset>
  );
}

function Plans({ plans, onChange }: { plans: readonly string[]; onChange: (plans: string[]) => void }) {
  const [text, setText] = useState(plans.join(', '));
  return (
    <Field label={<Trans>Plans, by commas</Trans>}>
      <Input
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          onChange(event.target.value.split(',').map((plan) => plan.trim()).filter(Boolean));
        }}
      />
    </Field>
  );
}
