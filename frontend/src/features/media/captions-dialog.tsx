import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { FileText, Trash2 } from 'lucide-react';
import { useRef, useState } from 'react';
import { ApiError } from '@/api/errors';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { Checkbox } from '@/ui/checkbox';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Icon } from '@/ui/icon';
import { IconButton } from '@/ui/icon-button';
import { Input } from '@/ui/input';
import { Notice } from '@/ui/notice';
import { Select } from '@/ui/select';
import { SkeletonText } from '@/ui/skeleton';
import { toast } from '@/ui/toast';
import { addCaptions, captionsQuery, mediaKeys, removeCaptions, type Asset, type CaptionTrack } from './api';
import { languageFromName, languageName, languageOptions } from './languages';

/** Larger than any caption file of a day-long recording. */
const MAX_BYTES = 1_000_000;

/** The caption tracks of a video: what is there, another one, and away with one. */
export function CaptionsDialog({ asset, onClose }: { asset: Asset; onClose: () => void }) {
  const tracks = useQuery(captionsQuery(asset.id));
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={<Trans>Captions</Trans>}
      description={<Trans>They are shown in the player and read as the transcript of “{asset.title}”.</Trans>}
      actions={
        <Button onClick={onClose}>
          <Trans>Close</Trans>
        </Button>
      }
    >
      {tracks.isPending ? (
        <SkeletonText lines={2} />
      ) : tracks.isError ? (
        <Notice tone="danger" title={<Trans>The list did not load.</Trans>}>
          {tracks.error instanceof ApiError ? tracks.error.detail : null}
        </Notice>
      ) : tracks.data.length === 0 ? (
        <p className="text-text-2">
          <Trans>No captions yet.</Trans>
        </p>
      ) : (
        <ul>
          {tracks.data.map((track) => (
            <TrackRow key={track.id} asset={asset.id} track={track} />
          ))}
        </ul>
      )}
      {/* A new form after each track: it starts empty again. */}
      <AddForm key={tracks.data?.length ?? 0} asset={asset.id} first={tracks.data?.length === 0} />
    </Dialog>
  );
}

function TrackRow({ asset, track }: { asset: string; track: CaptionTrack }) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeCaptions(asset, track.id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: mediaKeys.all });
      toast(t`Captions in ${track.label} are deleted`);
    },
    onError: (error) => toast(error instanceof ApiError ? error.detail : t`They are still there. Try again.`),
  });
  return (
    <li className="flex min-h-11 items-center gap-3 border-t border-line first:border-t-0">
      <span className="min-w-0 flex-1 truncate">
        {track.label} <span className="text-text-3">{track.language}</span>
      </span>
      {track.is_default ? (
        <Badge>
          <Trans>Default</Trans>
        </Badge>
      ) : null}
      <IconButton icon={Trash2} label={t`Delete captions in ${track.label}`} disabled={remove.isPending} onClick={() => remove.mutate()} />
    </li>
  );
}

function AddForm({ asset, first }: { asset: string; first: boolean }) {
  const queries = useQueryClient();
  const picker = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  const [language, setLanguage] = useState('en');
  const [label, setLabel] = useState(languageName('en'));
  const [byDefault, setByDefault] = useState(first);
  const [problem, setProblem] = useState<string | null>(null);
  const add = useMutation({
    mutationFn: async (chosen: File) =>
      addCaptions(asset, { language, label: label.trim() || languageName(language), text: await chosen.text(), is_default: byDefault }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: mediaKeys.all });
      toast(t`Captions are added`);
    },
    onError: (error) => setProblem(error instanceof ApiError ? (Object.values(error.fieldErrors)[0] ?? error.detail) : t`They were not added. Try again.`),
  });
  const choose = (chosen: File | undefined) => {
    if (!chosen) return;
    if (!/\.(vtt|srt)$/i.test(chosen.name)) return setProblem(t`Choose a .vtt or .srt file.`);
    if (chosen.size > MAX_BYTES) return setProblem(t`This file is over 1 MB; captions are much smaller.`);
    setProblem(null);
    setFile(chosen);
    const told = languageFromName(chosen.name);
    if (told) {
      setLanguage(told);
      setLabel(languageName(told));
    }
  };
  return (
    <form
      className="mt-4 grid gap-4 border-t border-line pt-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (file) add.mutate(file);
        else setProblem(t`Choose a .vtt or .srt file first.`);
      }}
    >
      <input ref={picker} type="file" accept=".vtt,.srt,text/vtt" hidden onChange={(event) => choose(event.currentTarget.files?.[0])} />
      <Field id="captions-file" label={<Trans>File</Trans>} hint={<Trans>WebVTT or SubRip. Markup and colours are left out.</Trans>} error={problem}>
        <Button id="captions-file" icon={<Icon as={FileText} />} onClick={() => picker.current?.click()} className="justify-start!">
          <span className="truncate">{file ? file.name : <Trans>Choose a file</Trans>}</span>
        </Button>
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={<Trans>Language</Trans>}>
          <Select
            value={language}
            onChange={(tag) => {
              setLanguage(tag);
              setLabel(languageName(tag));
            }}
            options={withCurrent(language)}
          />
        </Field>
        <Field label={<Trans>Name in the menu</Trans>}>
          <Input value={label} maxLength={80} onChange={(event) => setLabel(event.currentTarget.value)} />
        </Field>
      </div>
      <Checkbox checked={byDefault} onChange={(checked) => setByDefault(checked === true)} label={<Trans>Chosen unless a learner picks another</Trans>} />
      <div>
        <Button type="submit" variant="primary" loading={add.isPending}>
          {add.isPending ? <Trans>Adding…</Trans> : <Trans>Add captions</Trans>}
        </Button>
      </div>
    </form>
  );
}

function withCurrent(language: string): { value: string; label: string }[] {
  const options = languageOptions();
  return options.some((option) => option.value === language) ? options : [{ value: language, label: languageName(language) }, ...options];
}
