import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { DataExport } from '@/api/types';
import { Failure, Forbidden } from '@/app/boundaries';
import { usePageTitle } from '@/app/page-title';
import { ProofProvider, sentenceOf, useProof } from '@/features/account/proof';
import { useCan } from '@/lib/permissions';
import { bytes } from '@/lib/size';
import { Button } from '@/ui/button';
import { Notice } from '@/ui/notice';
import { PageBody } from '@/ui/page';
import { Progress } from '@/ui/progress';
import { Skeleton } from '@/ui/skeleton';
import { toast } from '@/ui/toast';
import { exportsQuery, isUnderWay, linkOf, openFile, startExport } from './api';
import { History } from './history';
import { Latest } from './latest';
import { stageWord } from './words';

/** Settings, Your data: everything of the organization in one file, and the files of before. */
export function DataPage() {
  usePageTitle(t`Your data`);
  const may = useCan('organization.export');
  return (
    <PageBody>
      {may ? (
        <ProofProvider>
          <Exports />
        </ProofProvider>
      ) : (
        <Forbidden compact />
      )}
    </PageBody>
  );
}

function Exports() {
  const found = useQuery(exportsQuery);
  if (found.isPending) return <ExportsSkeleton />;
  if (found.isError) return <Failure compact error={found.error} onRetry={() => void found.refetch()} />;
  const items = found.data.items;
  const underWay = items.find(isUnderWay);
  const latest = items.find((item) => item.state === 'ready');
  return (
    <div className="grid max-w-[760px] gap-10">
      <SharedLink />
      <section aria-labelledby="everything">
        <h2 id="everything" className="t-h4">
          <Trans>Everything, in one file</Trans>
        </h2>
        <p className="mt-1.5 text-text-2">
          <Trans>
            People, courses, enrollments, progress, the audit, films and pictures, with a description of every table. A ZIP that any computer opens, with
            the rows as JSON Lines.
          </Trans>
        </p>
        {underWay ? <UnderWay item={underWay} /> : <Start hasOne={latest !== undefined} failed={items[0]?.state === 'failed' ? items[0] : undefined} />}
      </section>
      {latest ? <Latest item={latest} /> : null}
      <Inside />
      <History items={items} />
    </div>
  );
}

function Start({ hasOne, failed }: { hasOne: boolean; failed: DataExport | undefined }) {
  const client = useQueryClient();
  const prove = useProof();
  const start = useMutation({
    mutationFn: () => prove(startExport),
    onSuccess: () => client.invalidateQueries({ queryKey: exportsQuery.queryKey }),
  });
  const sentence = sentenceOf(start.error);
  return (
    <div className="mt-4 grid gap-4">
      {failed ? (
        <Notice tone="danger" title={<Trans>The last export failed.</Trans>}>
          {failed.error}
        </Notice>
      ) : null}
      <div>
        <Button variant={hasOne ? 'secondary' : 'primary'} loading={start.isPending} onClick={() => start.mutate()}>
          {hasOne ? <Trans>Export again</Trans> : <Trans>Export everything</Trans>}
        </Button>
      </div>
      {sentence ? (
        <Notice tone="danger" live title={<Trans>The export was not started.</Trans>}>
          {sentence}
        </Notice>
      ) : null}
    </div>
  );
}

function UnderWay({ item }: { item: DataExport }) {
  const percent = `${Math.floor(item.progress_permille / 10)} %`;
  return (
    <div className="mt-5 grid gap-2" role="status">
      <p className="flex flex-wrap justify-between gap-x-4">
        <span>{stageWord(item)}</span>
        <span className="tabular-nums text-text-2">{percent}</span>
      </p>
      <Progress value={item.progress_permille / 1000} label={t`Progress of the export`} valueText={percent} height={8} />
      <p className="t-sm text-text-3">
        {item.files_bytes ? <Trans>{bytes(item.files_bytes)} of films and pictures go in. You can leave this page; it goes on.</Trans> : <Trans>You can leave this page; it goes on.</Trans>}
      </p>
    </div>
  );
}

/** Somebody opened a link to a file: the file comes, and the address forgets the link. */
function SharedLink() {
  const [link] = useState(() => linkOf(window.location.hash));
  const open = useMutation({
    mutationFn: () => (link ? openFile(link.id, link.token) : Promise.resolve()),
    onSuccess: () => toast(t`The download begins`),
  });
  const { mutate } = open;
  useEffect(() => {
    if (!link) return;
    window.history.replaceState(window.history.state, '', window.location.pathname);
    mutate();
  }, [link, mutate]);
  const sentence = sentenceOf(open.error);
  return sentence ? (
    <Notice tone="warning" live title={<Trans>There is no download behind this link.</Trans>}>
      {sentence}
    </Notice>
  ) : null;
}

function Inside() {
  return (
    <section aria-labelledby="inside">
      <h2 id="inside" className="t-h4">
        <Trans>What you can't read in it</Trans>
      </h2>
      <p className="mt-1.5 text-text-2">
        <Trans>
          Password hashes, authenticator seeds and passkeys are sealed: only we can open them, and only to restore your organization. Who is signed in where is
          left out. Only owners can export, and support never can.
        </Trans>
      </p>
    </section>
  );
}

function ExportsSkeleton() {
  return (
    <div role="status" aria-busy="true" aria-label={t`Loading`} className="grid max-w-[760px] gap-4">
      <Skeleton className="h-6 w-56" />
      <Skeleton className="h-12 w-full" />
      <Skeleton className="h-10 w-40" />
      <Skeleton className="mt-6 h-32 w-full" />
    </div>
  );
}
