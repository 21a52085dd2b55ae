import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Film, Library, Upload } from 'lucide-react';
import { type DragEvent, useRef, useState } from 'react';
import { useCan } from '@/lib/permissions';
import { Button } from '@/ui/button';
import { cx } from '@/ui/cx';
import { Icon } from '@/ui/icon';
import { toast } from '@/ui/toast';
import { useBuilder } from './builder-context';
import { FilmPicker } from './film-picker';

/** A lesson without a film: drop one, choose one from disk, or take one from the library. */
export function AddVideo({ onVideo }: { onVideo: (asset: string) => void }) {
  const mayUpload = useCan('media.upload');
  const mayLibrary = useCan('library.view');
  const [over, setOver] = useState(false);
  const [picking, setPicking] = useState(false);
  const upload = useUpload(onVideo);
  const drop = mayUpload
    ? {
        onDragOver: (event: DragEvent) => {
          event.preventDefault();
          setOver(true);
        },
        onDragLeave: () => setOver(false),
        onDrop: (event: DragEvent) => {
          event.preventDefault();
          setOver(false);
          const file = event.dataTransfer.files[0];
          if (file) upload.start(file);
        },
      }
    : {};
  return (
    <section
      aria-label={t`Video`}
      className={cx('flex flex-wrap items-center gap-x-4 gap-y-3 rounded-4 border border-dashed p-5', over ? 'border-signal-solid bg-signal-soft' : 'border-control')}
      {...drop}
    >
      <span className="grid size-10 flex-none place-items-center rounded-3 bg-sunken text-text-2">
        <Icon as={Film} size={20} />
      </span>
      <p className="min-w-[200px] flex-1">
        <span className="font-medium">
          <Trans>Add a video</Trans>
        </span>
        <span className="block t-xs text-text-3">{mayUpload ? <Trans>Drop a file here. It can be watched seconds after it has arrived.</Trans> : <Trans>Take one from the library.</Trans>}</span>
      </p>
      <span className="flex flex-wrap gap-2">
        {mayLibrary ? (
          <Button icon={<Icon as={Library} />} onClick={() => setPicking(true)}>
            <Trans>From the library</Trans>
          </Button>
        ) : null}
        {mayUpload ? (
          <Button variant="primary" icon={<Icon as={Upload} />} loading={upload.starting} onClick={upload.choose}>
            {upload.starting ? <Trans>Starting…</Trans> : <Trans>Upload</Trans>}
          </Button>
        ) : null}
      </span>
      {upload.input}
      {picking ? <FilmPicker onClose={() => setPicking(false)} onPick={onVideo} /> : null}
    </section>
  );
}

/** A file from disk on its way into this lesson. The upload goes on wherever one goes; the lesson gets its film. */
export function useUpload(onVideo: (asset: string) => void) {
  const { outside } = useBuilder();
  const picker = useRef<HTMLInputElement>(null);
  const [starting, setStarting] = useState(false);
  const start = (file: File) => {
    setStarting(true);
    void outside
      .onUpload(file)
      .then(onVideo)
      .catch((error: unknown) => toast(error instanceof Error && error.message ? error.message : t`The upload did not start.`))
      .finally(() => setStarting(false));
  };
  const input = (
    <input
      ref={picker}
      type="file"
      accept="video/*,audio/*,.mkv,.mov,.avi,.ts"
      hidden
      data-testid="lesson-file"
      onChange={(event) => {
        const file = event.currentTarget.files?.[0];
        event.currentTarget.value = '';
        if (file) start(file);
      }}
    />
  );
  return { start, starting, input, choose: () => picker.current?.click() };
}
