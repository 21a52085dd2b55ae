import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { ImageUp, Trash2 } from 'lucide-react';
import { type DragEvent, type ReactNode, useId, useState } from 'react';
import { ApiError } from '@/api/errors';
import { cx } from '@/ui/cx';
import { Icon } from '@/ui/icon';
import { IconButton } from '@/ui/icon-button';
import { Spinner } from '@/ui/spinner';
import { type BrandImage, type ImageUse, uploadImage } from './api';

const ACCEPTED = '.png,.jpg,.jpeg,.webp,.svg,image/png,image/jpeg,image/webp,image/svg+xml';
const MAX_BYTES = 5 * 1024 * 1024;

interface PictureFieldProps {
  use: ImageUse;
  label: string;
  hint?: ReactNode;
  value: BrandImage | null;
  /** Shown where there is none: what stands in for it. */
  instead?: BrandImage | null;
  alt: string;
  /** Classes of the ground it is shown on. */
  ground?: string;
  className?: string;
  onChange: (image: BrandImage | null) => void;
}

/** One picture: pressed, dropped or pasted in. What is wrong with a file is said here, and the old picture stays. */
export function PictureField({ use, label, hint, value, instead = null, alt, ground = '', className, onChange }: PictureFieldProps) {
  const id = useId();
  const [over, setOver] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const upload = useMutation({
    mutationFn: (file: File) => uploadImage(file, use),
    onSuccess: (image) => {
      setProblem(null);
      onChange(image);
    },
    onError: (error) => setProblem(error instanceof ApiError ? error.detail : t`The picture did not arrive. Try again.`),
  });
  const send = (file: File | null | undefined) => {
    if (!file) return;
    if (file.size > MAX_BYTES) {
      const size = (file.size / 1024 / 1024).toFixed(1);
      setProblem(t`The file has ${size} MB; 5 MB is the most. Save it smaller and try again.`);
      return;
    }
    upload.mutate(file);
  };
  const drag = {
    onDragOver: (event: DragEvent) => {
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      send(event.dataTransfer.files[0]);
    },
  };
  const shown = value ?? instead;
  return (
    <div className={cx('min-w-0', className)}>
      <div
        {...drag}
        className={cx(
          'group relative grid h-[104px] place-items-center overflow-hidden rounded-2 border text-center',
          'focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-brand-focus',
          over ? 'border-brand-focus ring-1 ring-brand-focus' : shown ? 'border-line-2' : 'border-dashed border-control',
          ground,
        )}
      >
        <input
          id={id}
          type="file"
          accept={ACCEPTED}
          aria-describedby={`${id}-message`}
          className="absolute inset-0 z-[1] cursor-pointer opacity-0 file:cursor-pointer"
          onChange={(event) => {
            send(event.currentTarget.files?.[0]);
            event.currentTarget.value = '';
          }}
          onPaste={(event) => send(event.clipboardData.files[0])}
        />
        {shown ? (
          <span className={use === 'login_image' ? 'absolute inset-0' : 'grid h-full w-full place-items-center px-3 pb-6'}>
            <img
              src={shown.url}
              alt={alt}
              className={use === 'login_image' ? 'h-full w-full object-cover' : cx('max-h-9 max-w-full object-contain', value ? '' : 'opacity-60')}
            />
          </span>
        ) : (
          <Icon as={ImageUp} size={18} className="mb-5 text-text-3" />
        )}
        <label
          htmlFor={id}
          className={cx(
            'absolute inset-x-0 bottom-0 flex h-8 items-center justify-center gap-1.5 px-2 t-xs',
            use === 'login_image' && shown ? 'bg-surface text-text' : '',
          )}
        >
          {upload.isPending ? <Spinner /> : null}
          {upload.isPending ? <Trans>Uploading</Trans> : label}
        </label>
        {value ? (
          <IconButton
            size="sm"
            icon={Trash2}
            label={t`Remove: ${label}`}
            className="absolute! end-1 top-1 z-[2] bg-surface! text-text-2 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100"
            onClick={() => {
              setProblem(null);
              onChange(null);
            }}
          />
        ) : null}
      </div>
      <p id={`${id}-message`} aria-live="polite" className={cx('mt-1.5 t-xs empty:hidden', problem ? 'text-danger-text' : 'text-text-3')}>
        {problem ?? hint}
      </p>
    </div>
  );
}
