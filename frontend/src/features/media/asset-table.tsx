import { t } from '@lingui/core/macro';
import { Plural, Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { AudioLines, Captions, Ellipsis, Pencil, Play, RotateCw, Trash2 } from 'lucide-react';
import { ApiError } from '@/api/errors';
import { bytes } from '@/lib/size';
import { clock, daysAgo } from '@/lib/time';
import { IconButton } from '@/ui/icon-button';
import { Icon } from '@/ui/icon';
import { Menu, MenuItem, MenuSeparator } from '@/ui/menu';
import { Poster } from '@/ui/poster';
import { Table, Td, Th, Tr } from '@/ui/table';
import { toast } from '@/ui/toast';
import { mediaKeys, retryAsset, type Asset } from './api';
import { languageName } from './languages';
import { AssetStatus } from './status';

export type AssetAct = 'preview' | 'captions' | 'rename' | 'delete';

interface AssetTableProps {
  rows: readonly Asset[];
  mayEdit: boolean;
  onOpen: (act: AssetAct, asset: Asset) => void;
  onRetried: (asset: string) => void;
}

const canPlay = (asset: Asset) => asset.state === 'playable' || asset.state === 'ready';

/** The library as a table; on phones the name, its state and the menu remain. */
export function AssetTable({ rows, mayEdit, onOpen, onRetried }: AssetTableProps) {
  return (
    <Table label={t`Media`}>
      <thead>
        <tr>
          <Th>
            <Trans>Name</Trans>
          </Th>
          <Th className="max-sm:hidden">
            <Trans>Status</Trans>
          </Th>
          <Th className="max-lg:hidden">
            <Trans>Used in</Trans>
          </Th>
          <Th className="max-md:hidden">
            <Trans>Captions</Trans>
          </Th>
          <Th numeric className="max-lg:hidden">
            <Trans>Size</Trans>
          </Th>
          <Th numeric className="max-md:hidden">
            <Trans>Added</Trans>
          </Th>
          <Th className="w-11 pe-0!">
            <span className="sr-only">
              <Trans>Actions</Trans>
            </span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((asset) => (
          <Tr key={asset.id}>
            <Td className="h-16!">
              <Name asset={asset} onPlay={() => onOpen('preview', asset)} />
            </Td>
            <Td className="max-sm:hidden">
              <AssetStatus asset={asset} />
              {asset.state === 'failed' && asset.error ? <p className="max-w-[280px] t-xs text-text-3">{asset.error.detail}</p> : null}
            </Td>
            <Td className="text-text-2 max-lg:hidden">
              {asset.used_in === 0 ? <span className="text-text-3">{t`Not used`}</span> : <Plural value={asset.used_in} one="# lesson" other="# lessons" />}
            </Td>
            <Td className="text-text-2 max-md:hidden">
              {asset.captions.length === 0 ? <span className="text-text-3">{t`None`}</span> : asset.captions.map((track) => track.label ?? languageName(track.language)).join(', ')}
            </Td>
            <Td numeric className="text-text-2 max-lg:hidden">
              {asset.size_bytes === null ? '–' : bytes(asset.size_bytes)}
            </Td>
            <Td numeric className="whitespace-nowrap text-text-2 max-md:hidden">
              {daysAgo(asset.created_at)}
            </Td>
            <Td className="pe-0! text-end">
              <RowMenu asset={asset} mayEdit={mayEdit} onOpen={onOpen} onRetried={onRetried} />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

function Name({ asset, onPlay }: { asset: Asset; onPlay: () => void }) {
  const picture = (
    <Poster seed={asset.id} url={asset.poster_url} className="w-[88px] flex-none rounded-[6px]">
      {asset.kind === 'audio' && !asset.poster_url ? (
        <span className="absolute start-1.5 top-1.5 grid size-5 place-items-center rounded-1 bg-[rgb(12_14_18/0.82)] text-white">
          <Icon as={AudioLines} size={14} />
        </span>
      ) : null}
      {asset.duration_ms ? (
        <span className="absolute end-1 bottom-1 h-[17px] rounded-[3px] bg-[rgb(12_14_18/0.82)] px-[5px] text-[11px] leading-[17px] font-medium text-white tabular-nums">
          {clock(asset.duration_ms / 1000)}
        </span>
      ) : null}
    </Poster>
  );
  const title = (
    <span className="min-w-0">
      <bdi className="block truncate font-medium">{asset.title}</bdi>
      <span className="t-xs text-text-2 sm:hidden">
        <AssetStatus asset={asset} />
      </span>
    </span>
  );
  const look = 'flex max-w-full min-w-0 items-center gap-3 text-start';
  if (!canPlay(asset)) {
    return (
      <span className={look}>
        {picture}
        {title}
      </span>
    );
  }
  return (
    <button type="button" className={`${look} rounded-2 hover:[&_bdi]:underline`} onClick={onPlay}>
      <span className="sr-only">
        <Trans>Play</Trans>
      </span>
      {picture}
      {title}
    </button>
  );
}

function RowMenu({ asset, mayEdit, onOpen, onRetried }: { asset: Asset } & Omit<AssetTableProps, 'rows'>) {
  const queries = useQueryClient();
  const retry = useMutation({
    mutationFn: () => retryAsset(asset.id),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: mediaKeys.all });
      onRetried(asset.id);
    },
    onError: (error) => toast(error instanceof ApiError ? error.detail : t`It could not be started. Try again.`),
  });
  const mayRetry = mayEdit && asset.error !== null && asset.error.retryable !== false && (asset.state === 'failed' || asset.state === 'playable');
  return (
    <Menu trigger={<IconButton icon={Ellipsis} label={t`Actions for ${asset.title}`} size="sm" />}>
      <MenuItem icon={Play} disabled={!canPlay(asset)} onSelect={() => onOpen('preview', asset)} {...(canPlay(asset) ? {} : { detail: t`Not playable yet` })}>
        <Trans>Play</Trans>
      </MenuItem>
      {mayEdit ? (
        <>
          <MenuItem
            icon={Captions}
            disabled={asset.duration_ms === null}
            onSelect={() => onOpen('captions', asset)}
            {...(asset.duration_ms === null ? { detail: t`Once it has been read` } : {})}
          >
            <Trans>Captions…</Trans>
          </MenuItem>
          <MenuItem icon={Pencil} onSelect={() => onOpen('rename', asset)}>
            <Trans>Rename…</Trans>
          </MenuItem>
          {mayRetry ? (
            <MenuItem icon={RotateCw} onSelect={() => retry.mutate()}>
              <Trans>Try again</Trans>
            </MenuItem>
          ) : null}
          <MenuSeparator />
          <MenuItem
            icon={Trash2}
            danger
            disabled={asset.used_in > 0}
            onSelect={() => onOpen('delete', asset)}
            {...(asset.used_in > 0 ? { detail: t`A lesson shows it` } : {})}
          >
            <Trans>Delete…</Trans>
          </MenuItem>
        </>
      ) : null}
    </Menu>
  );
}
