import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Search } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { Failure } from '@/app/boundaries';
import { bytes } from '@/lib/size';
import { clock } from '@/lib/time';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Icon } from '@/ui/icon';
import { Input } from '@/ui/input';
import { Poster } from '@/ui/poster';
import { SkeletonText } from '@/ui/skeleton';
import { filmsQuery } from './api';
import { stateWords } from './film-state';

/** The library over the lesson: one press takes a film. What failed cannot be taken. */
export function FilmPicker({ onClose, onPick }: { onClose: () => void; onPick: (asset: string) => void }) {
  const [text, setText] = useState('');
  const films = useQuery(filmsQuery(useDeferredValue(text.trim())));
  const usable = films.data?.filter((film) => film.state !== 'failed') ?? [];
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      size="lg"
      title={<Trans>Choose a film</Trans>}
      actions={
        <Button onClick={onClose}>
          <Trans>Cancel</Trans>
        </Button>
      }
    >
      <Input
        type="search"
        autoFocus
        aria-label={t`Search the library`}
        placeholder={t`Search the library`}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        start={<Icon as={Search} className="text-text-3" />}
      />
      <div className="mt-3 min-h-[240px]">
        {films.isError ? (
          <Failure compact error={films.error} onRetry={() => void films.refetch()} />
        ) : films.isPending ? (
          <SkeletonText lines={6} />
        ) : usable.length === 0 ? (
          <p className="py-6 text-text-2">{text ? <Trans>No film has these words in its name.</Trans> : <Trans>The library is empty. Upload a film instead.</Trans>}</p>
        ) : (
          <ul>
            {usable.map((film) => (
              <li key={film.id} className="border-t border-line first:border-t-0">
                <button
                  type="button"
                  onClick={() => {
                    onPick(film.id);
                    onClose();
                  }}
                  className="flex w-full items-center gap-3 rounded-2 py-2 pe-2 text-start hover:bg-hover"
                >
                  <Poster seed={film.id} url={film.poster_url} className="w-[88px] flex-none rounded-[6px]" />
                  <span className="min-w-0 flex-1">
                    <bdi className="block truncate font-medium">{film.title}</bdi>
                    <span className="block truncate t-xs text-text-3">
                      {[film.duration_ms ? clock(film.duration_ms / 1000) : '', film.size_bytes ? bytes(film.size_bytes) : '', film.state === 'ready' ? '' : stateWords(film)].filter(Boolean).join(' · ')}
                    </span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Dialog>
  );
}
