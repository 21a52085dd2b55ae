import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Download, Link2 } from 'lucide-react';
import type { DataExport } from '@/api/types';
import { sentenceOf, useProof } from '@/features/account/proof';
import { bytes } from '@/lib/size';
import { day, moment } from '@/lib/time';
import { Button } from '@/ui/button';
import { Icon } from '@/ui/icon';
import { Notice } from '@/ui/notice';
import { toast } from '@/ui/toast';
import { exportsQuery, makeLink, openFile } from './api';
import { count } from './words';

/** The newest file that is there: what it shows, how long it stays, and the ways to get it. */
export function Latest({ item }: { item: DataExport }) {
  const client = useQueryClient();
  const prove = useProof();
  const refresh = () => client.invalidateQueries({ queryKey: exportsQuery.queryKey });
  const download = useMutation({
    mutationFn: async () => {
      const link = await prove(() => makeLink(item.id));
      await openFile(item.id, link.token);
    },
    onSuccess: refresh,
  });
  const copy = useMutation({
    mutationFn: async () => {
      const link = await prove(() => makeLink(item.id));
      await navigator.clipboard.writeText(link.url);
      return link;
    },
    onSuccess: async (link) => {
      toast(t`Link copied. It works for owners until ${moment(link.expires_at)}`);
      await refresh();
    },
  });
  const sentence = sentenceOf(download.error) ?? sentenceOf(copy.error);
  return (
    <section aria-labelledby="latest" className="rounded-3 p-5 ring-1 ring-line ring-inset">
      <h2 id="latest" className="t-h4">
        <Trans>As of {moment(item.snapshot_at ?? item.created_at)}</Trans>
      </h2>
      <dl className="mt-3 grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-4">
        <Fact name={t`Size`} value={bytes(item.size_bytes ?? 0)} />
        <Fact name={t`Tables`} value={count(item.tables ?? 0)} />
        <Fact name={t`Rows`} value={count(item.rows ?? 0)} />
        <Fact name={t`Media files`} value={count(item.files ?? 0)} />
      </dl>
      <div className="mt-5 flex flex-wrap gap-2 max-sm:*:flex-1">
        <Button variant="primary" loading={download.isPending} onClick={() => download.mutate()}>
          <Icon as={Download} size={16} />
          <Trans>Download</Trans>
        </Button>
        <Button loading={copy.isPending} onClick={() => copy.mutate()}>
          <Icon as={Link2} size={16} />
          <Trans>Copy link</Trans>
        </Button>
      </div>
      {sentence ? (
        <Notice tone="danger" live className="mt-4" title={<Trans>That did not work.</Trans>}>
          {sentence}
        </Notice>
      ) : null}
      <p className="mt-4 t-sm text-text-3">
        {item.expires_at ? <Trans>Kept until {day(item.expires_at)}. </Trans> : null}
        {item.link_expires_at ? <Trans>A link works until {moment(item.link_expires_at)}; a new one ends it. </Trans> : null}
        <Trans>The list inside names every file with its SHA-256.</Trans>
      </p>
      {item.manifest_sha256 ? <p className="mono mt-1 t-xs wrap-anywhere text-text-3">{item.manifest_sha256}</p> : null}
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div className="min-w-0">
      <dt className="t-sm text-text-2">{name}</dt>
      <dd className="mt-0.5 text-[20px] leading-7 font-[560] tabular-nums">{value}</dd>
    </div>
  );
}
